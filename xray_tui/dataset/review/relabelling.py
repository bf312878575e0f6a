"""Changing labels: an image's file goes to another label's folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import sync_folder, write_new
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.history import Move
from xray_tui.errors import (
    CatalogDamagedError,
    DatasetDeniedError,
    DatasetError,
    DatasetFullError,
)

_REASONS = 3
"""So many files are told of; there may be thousands."""


class Moving:
    """Images on their way to other labels: one that cannot go does not keep the others."""

    def __init__(self, root: Path, catalog: Catalog, reviewer: str) -> None:
        self._root = root
        self._catalog = catalog
        self._reviewer = reviewer
        self.done: list[Move] = []
        """What was moved."""
        self.stopped: DatasetError | None = None
        """Why no more could be moved."""
        self._failed: list[DatasetError] = []
        self._left = 0
        self._moved: dict[str, Record] = {}
        """By the file before."""

    def run(self, moves: Sequence[Move], progress: ReportProgress) -> None:
        """Move what has the label ``before`` now; the caller holds ``metadata.locked``.

        What goes wrong is raised by :meth:`check`.
        """
        self._left = len(moves)
        when = review_log.timestamp(datetime.now(UTC))
        with self.stopping():
            try:
                for number, move in enumerate(moves):
                    progress("moving images", number, len(moves))
                    self._move(move, when)
            finally:
                self._write_rows()

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Let :meth:`check` raise what is raised within."""
        try:
            yield
        except DatasetError as error:
            self.stopped = self.stopped or error

    def check(self, what: str = "") -> None:
        """Make sure that all went well; ``what`` is said before what did not.

        Raises:
            DatasetError: not all could be moved: how many were, and why the others were not.
        """
        errors = [self.stopped] if self.stopped else self._failed
        if not errors:
            return
        left = f", {self._left:,} not" if self._left else ""
        reasons = "; ".join(
            str(error).removeprefix(f"{self._root}/") for error in errors[:_REASONS]
        )
        more = f"; and {len(errors) - _REASONS:,} more" if len(errors) > _REASONS else ""
        hint = "" if self.stopped else "; `xray-tui verify` tells more"
        message = f"{what}{len(self.done):,} moved{left}: {reasons}{more}{hint}"
        raise type(errors[0])(message) from errors[0]

    def _move(self, move: Move, when: str) -> None:
        record = self._catalog.record(move.record_id)
        if record is not None and record.label == move.before:
            change = png.Relabelling(move.after, self._reviewer, when)
            try:
                self._moved[record.file] = relabel(self._root, self._catalog, record, change)
            except (DatasetFullError, CatalogDamagedError):  # so it would be with the next
                raise
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
    """Move the image of ``record`` to the folder of its new label; returns its record then.

    The file there tells of the change and has the same pixels. Cut short at any point, one whole
    file at least is left, and of two the later one is kept by the next opening of the dataset.

    Raises:
        BadImageError: the image cannot be read.
        DatasetFullError: nothing can be moved now.
        DatasetError: it could not be moved; it is where it was.
    """
    old = root / record.file
    try:
        contents, data = png.relabelled(old, change)
    except DatasetDeniedError as error:  # that is about this file alone
        raise DatasetError(str(error)) from error
    if contents.task.id != record.task.id:
        raise png.BadImageError(f"{old}: it holds another image")
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
    with suppress(OSError):  # left there, the next opening of the dataset puts it aside
        old.unlink()
        sync_folder(old.parent)
    return moved
