"""Purges images: moves them to the trash, restores them, and deletes them for good.

The catalog says where an image belongs: one with a record in its label's folder, one without in the
trash. So a purge is done, or undone, at the moment of one transaction. What a crash leaves before
or after it, :meth:`Trash.mend` moves to where the catalog says.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from xray_tui.dataset.catalog import review_rows, waiting_reviews
from xray_tui.dataset.catalog.catalog import Catalog, note_stale_metadata
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.record_rows import store
from xray_tui.dataset.files import layout, metadata
from xray_tui.dataset.files.atomic import explained, link_new, sync_folder
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.records import Examined, NewRecord
from xray_tui.dataset.trash import rows
from xray_tui.dataset.trash.manifest import Manifest, TrashedImage, manifests
from xray_tui.dataset.trash.rows import Purge
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted

Also = Callable[[sqlite3.Connection], object]
"""Stores something in the same transaction."""


@dataclass(frozen=True)
class Restored:
    """Result of restoring a purge."""

    record_ids: tuple[int, ...]
    """The records that exist again."""
    problems: tuple[str, ...]
    """Images that stay in the trash, and why."""


class _ImageRow(NamedTuple):
    phash: str | None
    checks: str


class Trash:
    """The trash of the dataset in ``root``.

    Methods that change something lock out other changes of images themselves. Every method raises
    the errors of :class:`~xray_tui.dataset.catalog.database.Database`, and a DatasetError if a file
    cannot be read, moved or deleted.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._catalog = Catalog(root, database)

    def purges(self) -> list[Purge]:
        """The purges whose images are in the trash, the latest first."""
        return rows.read_purges(self._database)

    def holds(self, task_ids: Iterable[str]) -> set[str]:
        """Those of ``task_ids`` whose image is in the trash."""
        return rows.in_trash(self._database, task_ids)

    # ---- changes ---------------------------------------------------------------------------------

    def put(
        self,
        record_ids: Sequence[int],
        purge: str,
        progress: ReportProgress = no_progress,
        also: Callable[[sqlite3.Connection, tuple[int, ...]], object] = lambda *_: None,
    ) -> Purge:
        """Move the images of ``record_ids`` to the trash; records without a file stay.

        ``also`` is called with the ids of the moved records. After an error, nothing was moved.
        """
        with self._changing() as lines:
            images = self._images(record_ids)
            if not images:
                return Purge(purge, 0, 0)
            manifest = Manifest(self._root, purge)
            manifest.write(images)
            try:
                self._move_in(manifest, images, progress)
                with self._database.transaction() as connection:
                    self._remove_records(connection, images)
                    rows.note_purge(connection, purge, images)
                    also(connection, tuple(image.record_id for image in images))
            except BaseException:
                with suppress(DatasetError):  # the next opening does it
                    self._settle(manifest, lines)
                raise
            files = {image.record.file for image in images}
            layout.remove_if_empty({(self._root / file).parent for file in files})
            metadata.remove_rows(self._root / layout.METADATA, files)
            self._catalog.metadata_written()
        return Purge(purge, len(images), sum(image.size for image in images))

    def restore(
        self, purge: str, progress: ReportProgress = no_progress, also: Also = lambda _: None
    ) -> Restored:
        """Move the images of ``purge`` back, and restore their records, with ids and reviews."""
        with self._changing() as lines:
            manifest = Manifest(self._root, purge)
            images = manifest.read()
            with self._database.transaction() as connection:
                rows.note_moving(connection, purge)
            try:
                back, problems = self._move_back(manifest, images, progress)
                with self._database.transaction() as connection:
                    ids = [store(connection, one.record, one.record_id) for one in back]
                    note_stale_metadata(connection)
                    also(connection)
            finally:
                self._settle(manifest, lines)
            progress("writing metadata.jsonl", len(images), len(images))
            unwritten = self._catalog.unwritten_decisions()
            metadata.rewrite(self._root / layout.METADATA, self._catalog.concluded_records())
            self._catalog.metadata_written()
            self._catalog.decisions_written(unwritten)
        return Restored(tuple(ids), tuple(problems))

    def empty(self) -> Purge:
        """Delete all images in the trash for good; returns their number and size."""
        with self._changing():
            known = {purge.id: purge for purge in self.purges()}
            found = [known[each.purge] for each in manifests(self._root) if each.purge in known]
            for purge in found:
                with self._database.transaction() as connection:
                    rows.note_emptied(connection, purge.id)
                Manifest(self._root, purge.id).delete()
        return Purge("", sum(one.images for one in found), sum(one.bytes for one in found))

    def mend(self) -> list[str]:
        """Finish what a crash cut short, and forget what was deleted; returns lines for the log."""
        with self._changing() as lines:
            return lines

    # ---- internals -------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[list[str]]:
        """Lock out other changes, and mend the trash first; yields lines for the log."""
        lines: list[str] = []
        with metadata.locked(self._root):
            settled = {purge.id for purge in self.purges()}
            found = manifests(self._root)
            for manifest in found:
                if manifest.purge not in settled:
                    try:
                        self._settle(manifest, lines)
                    except DatasetError as error:  # a damaged list: the images stay in the trash
                        lines.append(clean(str(error)))
            for purge in settled.difference(manifest.purge for manifest in found):
                with self._database.transaction() as connection:
                    rows.note_emptied(connection, purge)
            yield lines

    def _images(self, record_ids: Sequence[int]) -> list[TrashedImage]:
        """The records and files of those images that have both."""
        found = []
        for number in record_ids:
            record = self._catalog.record(number)
            if record is None or not os.path.lexists(self._root / record.file):
                continue
            with explained(self._root / record.file):
                size = (self._root / record.file).lstat().st_size
            examined = self._examined(number)
            task, provenance = record.task, record.provenance
            new = NewRecord(task, record.file, provenance, record.job_id, examined)
            found.append(TrashedImage(number, size, new))
        return found

    def _examined(self, record_id: int) -> Examined | None:
        for row in self._database.select(
            _ImageRow, "FROM images WHERE record_id = ?", (record_id,)
        ):
            if row.phash is not None:
                return Examined(row.phash, tuple(row.checks.split()))
        return None

    def _move_in(
        self, manifest: Manifest, images: Sequence[TrashedImage], progress: ReportProgress
    ) -> None:
        folders = set()
        for number, image in enumerate(images):
            progress("moving images to the trash", number, len(images))
            source, target = self._root / image.record.file, manifest.file_of(image)
            with explained(source):
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
            folders |= {source.parent, target.parent, target.parent.parent}
        _sync(folders)

    def _remove_records(
        self, connection: sqlite3.Connection, images: Sequence[TrashedImage]
    ) -> None:
        """Delete the records; their reviews are kept for when they are restored."""
        for image in images:
            reviews = review_rows.read_reviews(self._database, image.record_id)
            waiting_reviews.keep(connection, image.record.task.id, reviews)
            connection.execute("DELETE FROM records WHERE id = ?", (image.record_id,))
        note_stale_metadata(connection)

    def _move_back(
        self, manifest: Manifest, images: Sequence[TrashedImage], progress: ReportProgress
    ) -> tuple[list[TrashedImage], list[str]]:
        """The images that are in their label's folder now, and why others are not."""
        back, problems, folders = [], [], set()
        recorded = rows.recorded_files(self._database, images)
        for number, image in enumerate(images):
            progress("moving images back", number, len(images))
            source, target = manifest.file_of(image), self._root / image.record.file
            if image.record.task.id in recorded:
                continue  # generated again in the meantime
            if not os.path.lexists(source):
                problems.append(f"{image.record.file}: it is no longer in the trash")
                continue
            layout.make_image_folder(target)
            if not link_new(source, target):
                problems.append(f"{image.record.file}: a file is in the way; move it elsewhere")
                continue
            with explained(source):
                source.unlink(missing_ok=True)
            folders |= {source.parent, target.parent}
            back.append(image)
        _sync(folders)
        return back, problems

    def _settle(self, manifest: Manifest, lines: list[str]) -> None:
        """Move the files of a purge to where the catalog says, and bring its list up to date."""
        images = manifest.read()
        recorded = rows.recorded_files(self._database, images)
        purged = self.holds(image.record.task.id for image in images)
        left, moved = [], 0
        for image in images:
            task = image.record.task.id
            there = manifest.file_of(image)
            here = self._root / recorded.get(task, image.record.file)
            if task in recorded:
                moved += _move_if_needed(there, here)
                continue
            # Without a note about the purge, the catalog was rebuilt: a file here is adopted later.
            if _same_file(here, there) or (task in purged and not os.path.lexists(there)):
                moved += _move_if_needed(here, there)
            if os.path.lexists(there):
                left.append(image)
        if moved:
            lines.append(
                f"{counted(moved, 'image')} of an interrupted purge moved to the right place"
            )
        if left and len(left) != len(images):
            manifest.write(left)
        with self._database.transaction() as connection:
            rows.note_emptied(connection, manifest.purge)
            if left:
                rows.note_purge(connection, manifest.purge, left)
        if not left:
            manifest.delete()


def new_purge_id() -> str:
    """A name for a purge: the time, and a few random digits."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _move_if_needed(source: Path, target: Path) -> bool:
    """Move ``source`` to ``target`` if it exists; a file that is there already is kept."""
    with explained(source):
        if not os.path.lexists(source):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        link_new(source, target)
        source.unlink(missing_ok=True)
        _sync({source.parent, target.parent})
    return True


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _sync(folders: Iterable[Path]) -> None:
    for folder in folders:
        with explained(folder):
            sync_folder(folder)
