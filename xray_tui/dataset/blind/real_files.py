"""Finds real radiographs in a folder that the user names."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xray_tui.dataset.blind.regions import region_of_folders, words
from xray_tui.dataset.files.layout import PRIVATE
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted

MAX_FILES = 200_000
"""At most this many files are looked at: a folder with more has enough, or is not a folder of
radiographs."""

_SUFFIXES = (".png", ".jpg", ".jpeg")


@dataclass(frozen=True)
class RealFile:
    """A file that may be a real radiograph; region and label are empty if no folder names them."""

    path: Path
    region: str
    label: str


def find_real(folder: Path, regions: Collection[str], labels: Collection[str]) -> list[RealFile]:
    """The PNG and JPEG files in ``folder`` and below, in the order of their paths.

    A file in a folder that is named like one of ``labels`` has that label. Its region comes from
    the nearest folder above it that names a body part: one of ``regions`` if any fits, otherwise
    that body part. Links are not followed; hidden folders and datasets are left out.

    Raises:
        DatasetError: ``folder`` does not exist, cannot be opened, or is inside a dataset.
    """
    _check(folder)
    known = {_normalised(label): label for label in labels}
    top = folder.absolute()
    outermost = top.parent if _normalised(top.name) in known else top

    @cache
    def region_and_label(where: Path) -> tuple[str, str]:
        inside = where.relative_to(outermost).parts
        names = [name for name in (outermost.name, *inside) if _normalised(name) not in known]
        return region_of_folders(reversed(names), regions), known.get(_normalised(where.name), "")

    return [RealFile(path, *region_and_label(path.parent)) for path in _image_files(top)]


def _normalised(name: str) -> str:
    return "-".join(words(name))


def _check(folder: Path) -> None:
    shown = clean(str(folder))
    try:
        if not folder.is_dir():
            raise DatasetError(f"{shown}: there is no such folder")
        os.scandir(folder).close()
        resolved = folder.resolve()
        if any((around / PRIVATE).is_dir() for around in (resolved, *resolved.parents)):
            raise DatasetError(
                f"{shown} is inside a dataset of xray-tui, whose images are synthetic"
            )
    except OSError as error:
        raise DatasetError(f"{shown}: cannot be opened ({error.strerror})") from error
    except ValueError as error:  # a NUL character
        raise DatasetError(f"{quoted(folder, 200)} cannot be a folder") from error


def _image_files(folder: Path) -> Iterator[Path]:
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
    """Whether it is a regular file, not a link or pipe, whose name is valid Unicode."""
    try:
        str(path).encode()
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, UnicodeEncodeError):
        return False
