"""Changes labels by moving images to the folder of another label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.commands import command
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import sync_folder, write_new
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.steps import Move
from xray_tui.errors import (
    CatalogDamagedError,
    DatasetDeniedError,
    DatasetError,
    DatasetFullError,
)

_REASONS_SHOWN = 3
"""The number of files that a message lists; thousands may fail."""


class ImageMover:
    """Moves images to other labels; an image that cannot be moved does not stop the others."""

    def __init__(self, root: Path, catalog: Catalog, reviewer: str) -> None:
        self._root = root
        self._catalog = catalog
        self._reviewer = reviewer
        self.done: list[Move] = []
        """The moves that succeeded."""
        self.stopped: DatasetError | None = None
        """The error that stopped the remaining moves."""
        self._failed: list[DatasetError] = []
        self._left = 0
        self._moved: dict[str, Record] = {}
        """The moved records, by their previous file."""

    def run(self, moves: Sequence[Move], progress: ReportProgress) -> None:
        """Move the images that still have the label ``before`` of their move.

        The caller holds ``metadata.locked``. Errors are raised by :meth:`check`.
        """
        self._left = len(moves)
        when = review_log.timestamp(datetime.now(UTC))
        with self.catching():
            try:
                for number, move in enumerate(moves):
                    progress("moving images", number, len(moves))
                    self._move(move, when)
            finally:
                layout.remove_if_empty({(self._root / file).parent for file in self._moved})
                self._write_rows()

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Catch errors of the block, so that :meth:`check` raises them."""
        try:
            yield
        except DatasetError as error:
            self.stopped = self.stopped or error

    def check(self, prefix: str = "") -> None:
        """Check that all images were moved; ``prefix`` starts the message if not.

        Raises:
            DatasetError: some images were not moved; the message says how many and why.
        """
        errors = [self.stopped] if self.stopped else self._failed
        if not errors:
            return
        left = f", {self._left:,} not moved" if self._left else ""
        reasons = "; ".join(
            str(error).removeprefix(f"{self._root}/") for error in errors[:_REASONS_SHOWN]
        )
        hidden = len(errors) - _REASONS_SHOWN
        more = f"; and {hidden:,} more" if hidden > 0 else ""
        hint = "" if self.stopped else f"; for details: {command('verify', dataset=self._root)}"
        message = f"{prefix}{len(self.done):,} moved{left}: {reasons}{more}{hint}"
        raise type(errors[0])(message) from errors[0]

    def _move(self, move: Move, when: str) -> None:
        record = self._catalog.record(move.record_id)
        if record is not None and record.label == move.before:
            change = png.Relabelling(move.after, self._reviewer, when)
            try:
                self._moved[record.file] = relabel(self._root, self._catalog, record, change)
            except (DatasetFullError, CatalogDamagedError):
                raise  # the next file would fail in the same way
            except DatasetError as error:
                self._failed.append(error)
                return
            self.done.append(move)
        self._left -= 1

    def _write_rows(self) -> None:
        if self._moved:
            metadata.replace_rows(self._root / layout.METADATA, self._moved)
            self._catalog.metadata_written()


def relabel(root: Path, catalog: Catalog, record: Record, change: png.Relabelling) -> Record:
    """Move the image of ``record`` to the folder of its new label; returns the changed record.

    The new file has the same pixels and records the change. If this is interrupted, at least one
    complete file is left; of two, the next opening of the dataset keeps the newer one.

    Raises:
        BadImageError: the image cannot be read.
        DatasetFullError: no file can be moved now, for example because the disk is full.
        DatasetError: the image could not be moved, and the old file stays.
    """
    old = root / record.file
    try:
        contents, data = png.relabelled(old, change)
    except DatasetDeniedError as error:  # the others can still be moved
        raise DatasetError(str(error)) from error
    if contents.task.id != record.task.id:
        raise png.BadImageError(f"{old}: the file holds another image")
    new = layout.image_path(root, contents.task, change.label)
    layout.make_image_folder(new)
    if not write_new(new, [data]):
        raise DatasetError(f"{new}: another file has this name; move it elsewhere")
    try:
        moved = catalog.move_record(record, new.relative_to(root).as_posix())
    except DatasetError:
        with suppress(OSError):  # otherwise the next opening would keep this file
            new.unlink()
        raise
    with suppress(OSError):  # otherwise the next opening quarantines it
        old.unlink()
        sync_folder(old.parent)
    return moved
