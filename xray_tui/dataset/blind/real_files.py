"""Real radiographs in a folder of the user's, found with care."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.layout import PRIVATE
from xray_tui.errors import DatasetError
from xray_tui.text import clean

MAX_FILES = 200_000
"""Files looked at; a folder this large is none of radiographs, or has more than enough."""

_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class RealFile:
    """A file that may hold a real radiograph. Region and label are '' where they are not known."""

    path: Path
    region: str
    label: str


def find_real(folder: Path, regions: Collection[str], labels: Collection[str]) -> list[RealFile]:
    """The PNG and JPEG files in ``folder`` and below, in the order of their paths.

    A file in a folder named as one of ``labels`` has that label, and the region that the folder
    around it names, if any. Links are not followed, hidden folders and datasets are left out.

    Raises:
        DatasetError: it is no folder, cannot be opened, or belongs to a dataset.
    """
    _check(folder)
    return [
        RealFile(
            path,
            region=path.parent.parent.name if path.parent.parent.name in regions else "",
            label=path.parent.name if path.parent.name in labels else "",
        )
        for path in _pictures(folder)
    ]


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
        raise DatasetError(f"{shown!r} cannot be a folder") from error


def _pictures(folder: Path) -> Iterator[Path]:
    looked_at = 0
    for where, folders, files in os.walk(folder.absolute()):
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
