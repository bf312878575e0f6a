"""Foreign files among the images of a dataset: reported, never touched."""

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
"""Files younger than this, in seconds, may be images that are being recorded right now."""


@dataclass(frozen=True)
class ForeignFile:
    """A file, folder or link in a label's folder that is not an image of the dataset."""

    file: str
    """Relative to the dataset."""
    text: str
    """Why it is not an image of the dataset."""


def find_foreign_files(root: Path) -> list[str]:
    """Foreign files among the images of the dataset in ``root``, relative to it, found by name.

    Works while images are being generated or moved.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    tree = scan(root)
    with closing(Database(root / layout.CATALOG)) as database:
        foreign = tree.foreign_files(Catalog(root, database).files())
    return [file for file in foreign if not _is_young(root / file)]


def describe(root: Path, file: str) -> ForeignFile:
    """Read ``file``, and explain why it is not an image of the dataset."""
    from xray_tui.dataset.files.pixels import (  # imports Pillow
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
    return ForeignFile(file, "an image that was not generated here")


def _is_young(path: Path) -> bool:
    """Whether the file is younger than :data:`_YOUNG`, or no longer exists."""
    try:
        return time.time() - path.lstat().st_mtime < _YOUNG
    except OSError:
        return True
