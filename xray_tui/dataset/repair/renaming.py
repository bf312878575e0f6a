"""Gives images of earlier versions the names that they would have now."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.files import layout, metadata
from xray_tui.dataset.files.atomic import explained, link_new, sync_folder
from xray_tui.dataset.records import Record
from xray_tui.errors import DatasetError

_CHUNK = 200
"""Images renamed in one transaction."""


def rename(root: Path, catalog: Catalog) -> list[tuple[str, str]]:
    """Rename every image for which :func:`layout.present_name` differs from its own name.

    Returns the files that could not be renamed, each with the reason. An image has its old name or
    both until the catalog has the new one, so that it is in the catalog after a crash. The caller
    holds the generator lock.

    Raises:
        DatasetError: the catalog or metadata.jsonl cannot be read or written.
    """
    failed: list[tuple[str, str]] = []
    with metadata.locked(root):  # no reviewer changes a label now
        wanted = [one for one in catalog.all_records() if layout.present_name(one.file) != one.file]
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            linked = [record for record in chunk if _link(root, record, failed)]
            _sync_folders(root, linked)
            if linked:
                catalog.move_records([(one, layout.present_name(one.file)) for one in linked])
            for record in linked:
                with suppress(OSError):  # otherwise the next opening quarantines it
                    (root / record.file).unlink(missing_ok=True)
        if wanted:
            metadata.rewrite(root / layout.METADATA, catalog.concluded_records())
            catalog.metadata_written()
    _remove_empty_folders(root, wanted)
    return failed


def _link(root: Path, record: Record, failed: list[tuple[str, str]]) -> bool:
    """Give the image its new name as well; returns False if it could not be done."""
    old, new = root / record.file, root / layout.present_name(record.file)
    try:
        layout.make_image_folder(new)
        if link_new(old, new) or _is_same(old, new):
            return True
        failed.append((record.file, f"another file has the name {new.name}; move it elsewhere"))
    except DatasetError as error:
        failed.append((record.file, str(error)))
    return False


def _is_same(old: Path, new: Path) -> bool:
    """Whether ``new`` is left of an earlier renaming that was interrupted."""
    with explained(new):
        return new.is_file() and not new.is_symlink() and old.samefile(new)


def _sync_folders(root: Path, records: Iterable[Record]) -> None:
    """Make the new names durable before the catalog has them."""
    for folder in {(root / layout.present_name(record.file)).parent for record in records}:
        with explained(folder):
            sync_folder(folder)


def _remove_empty_folders(root: Path, renamed: Iterable[Record]) -> None:
    folders = {(root / record.file).parent for record in renamed}
    layout.remove_if_empty([*folders, *{folder.parent for folder in folders}])
