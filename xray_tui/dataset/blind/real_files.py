"""Real radiographs in a folder of the user's, found with care."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xray_tui.dataset.blind.regions import region_told, words
from xray_tui.dataset.files.layout import PRIVATE
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted

MAX_FILES = 200_000
"""Files looked at; a folder this large is none of radiographs, or has more than enough."""

_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class RealFile:
    """A file that may hold a real radiograph. Region and label are '' where no folder tells."""

    path: Path
    region: str
    label: str


def find_real(folder: Path, regions: Collection[str], labels: Collection[str]) -> list[RealFile]:
    """The PNG and JPEG files in ``folder`` and below, in the order of their paths.

    A file in a folder named as one of ``labels`` has that label. Its region is the body part that
    the nearest folder around it names, in the words of ``regions`` where one of them fits. Links
    are not followed, hidden folders and datasets are left out.

    Raises:
        DatasetError: it is no folder, cannot be opened, or belongs to a dataset.
    """
    _check(folder)
    known = {_plain(label): label for label in labels}
    top = folder.absolute()
    outermost = top.parent if _plain(top.name) in known else top

    @cache
    def told(where: Path) -> tuple[str, str]:
        inside = where.relative_to(outermost).parts
        names = [name for name in (outermost.name, *inside) if _plain(name) not in known]
        return region_told(reversed(names), regions), known.get(_plain(where.name), "")

    return [RealFile(path, *told(path.parent)) for path in _pictures(top)]


def _plain(name: str) -> str:
    return "-".join(words(name))


def _check(folder: Path) -> None:
    shown = clean(str(folder))
    try:
        if not folder.is_dir():
            raise DatasetError(f"{shown}: there is no such folder")
        os.scandir(folder).close()
        resolved = folder.resolve()
        if any((around / PRIVATE).is_dir() for around in (resolved, *resolved.parents)):
            raise DatasetError(f"{shown} lies in a dataset of xray-tui: what is in it is synthetic")
    except OSError as error:
        raise DatasetError(f"{shown}: cannot be opened ({error.strerror})") from error
    except ValueError as error:  # a NUL character
        raise DatasetError(f"{quoted(folder, 200)} cannot be a folder") from error


def _pictures(folder: Path) -> Iterator[Path]:
    looked_at = 0
    for where, folders, files in os.walk(folder):
        if PRIVATE in folders:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            looked_at += 1
            if looked_at > MAX_FILES:
                return
            path = Path(where, name)
            if name.lower().endswith(_SUFFIXES) and not name.startswith(".") and _is_usable(path):
                yield path


def _is_usable(path: Path) -> bool:
    """Whether it is a plain file, neither link nor pipe, of a name that a text file can hold."""
    try:
        str(path).encode()
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, UnicodeEncodeError):
        return False
