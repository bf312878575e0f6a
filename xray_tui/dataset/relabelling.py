"""Changing the label of an image: its file goes to another label's folder."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from xray_tui.dataset import layout, png
from xray_tui.dataset.atomic import explained, sync_folder, write_new
from xray_tui.dataset.catalog import Catalog
from xray_tui.dataset.records import Record
from xray_tui.errors import DatasetError


def relabel(root: Path, catalog: Catalog, record: Record, change: png.Relabelling) -> Record:
    """Move the image of ``record`` to the folder of its new label; returns its record then.

    The file there tells of the change and has the same pixels. Cut short at any point, one whole
    file at least is left, and of two the later one is kept by the next opening of the dataset.

    Raises:
        BadImageError: the image cannot be read.
        DatasetError: it could not be moved; it is where it was.
    """
    old = root / record.file
    contents, data = png.relabelled(old, change)
    if contents.task.id != record.task.id:
        raise png.BadImageError(f"{old}: it holds another image; xray-tui verify tells more")
    new = layout.image_path(root, contents.task, change.label)
    layout.make_image_folder(new)
    if not write_new(new, [data]):
        raise DatasetError(f"{new}: a file is in the way; move it away")
    try:
        moved = catalog.move_record(record, new.relative_to(root).as_posix())
    except DatasetError:
        with suppress(OSError):  # left there, it is taken for the one whose label was changed
            new.unlink()
        raise
    with explained(old), suppress(FileNotFoundError):
        old.unlink()
        sync_folder(old.parent)
    return moved
