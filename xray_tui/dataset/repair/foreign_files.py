"""What lies among a dataset's images and is none of them: told, and left alone."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout
from xray_tui.dataset.files.tree_scan import scan
from xray_tui.errors import DatasetError

_YOUNG = 60.0
"""Seconds for which a file may be one that is being recorded just now."""


@dataclass(frozen=True)
class ForeignFile:
    """A file, a folder or a link in a label's folder."""

    file: str
    """Relative to the dataset."""
    text: str
    """Why it is no image of the dataset."""


def find_foreign_files(root: Path) -> list[str]:
    """What lies among the images of the dataset in ``root``, by name only; images may be made and
    moved meanwhile.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    tree = scan(root)
    with closing(Database(root / layout.CATALOG)) as database:
        foreign = tree.foreign_files(Catalog(root, database).files())
    return [file for file in foreign if not _is_young(root / file)]


def describe(root: Path, file: str) -> ForeignFile:
    """``file`` with what it is instead of an image of the dataset."""
    from xray_tui.dataset.files.pixels import (  # and Pillow with it
        UnreadableImageError,
        read_greyscale,
    )

    path = root / file
    if path.is_symlink():
        return ForeignFile(file, "a link, not an image")
    try:
        read_greyscale(path)
    except UnreadableImageError as error:
        return ForeignFile(file, error.reason)
    except DatasetError as error:
        return ForeignFile(file, str(error).removeprefix(f"{path.name}: "))
    return ForeignFile(file, "a picture that was not made here")


def _is_young(path: Path) -> bool:
    """Also of what is gone by now."""
    try:
        return time.time() - path.lstat().st_mtime < _YOUNG
    except OSError:
        return True
