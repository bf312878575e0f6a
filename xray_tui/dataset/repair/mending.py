"""Repairs what a crash, a kill or a manual change left behind; run by the holder of the lock."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xray_tui.commands import command
from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, metadata, review_log
from xray_tui.dataset.files.tree_scan import scan
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.repair.adoption import Adoption
from xray_tui.dataset.repair.catalog_repair import CatalogRepair, Removed
from xray_tui.dataset.repair.imported_reviews import IMPORTED, import_reviews
from xray_tui.dataset.trash.trash import Trash
from xray_tui.errors import DatasetError
from xray_tui.text import counted

_NONE = Removed()


@dataclass(frozen=True)
class Mended:
    """The result of a repair."""

    temporaries: int = 0
    """Temporary files removed."""
    adopted: int = 0
    """Images without a record that were added to the catalog."""
    quarantined: int = 0
    """Files moved to ``.xray-tui/quarantine/``."""
    lost: int = 0
    """Records removed because their file is missing."""
    requeued: int = 0
    """Tasks of the removed records that were queued again."""
    interrupted: tuple[str, ...] = ()
    """Jobs that were running when their process ended."""
    restored: int = 0
    """Decisions that were missing in the catalog."""
    metadata: bool = False
    """Whether metadata.jsonl was rewritten."""
    lines: tuple[str, ...] = ()
    """Summary for the log, one line each."""


def mend(
    root: Path,
    database: Database,
    progress: ReportProgress = no_progress,
    *,
    quarantined: Removed = _NONE,
) -> Mended:
    """Repair the dataset in ``root``; the caller holds its generator lock.

    ``quarantined`` are records of bad images that the caller has just moved to the quarantine; the
    tasks that are queued again include theirs.

    Raises:
        DatasetError: something cannot be read or written. Earlier repairs are kept.
    """
    return _Mending(root, database, progress).run(quarantined)


WRITE_DECISIONS_SECONDS = 60.0
"""Seconds between two updates of the decisions in metadata.jsonl, which may be a large file."""


def write_decisions(root: Path, catalog: Catalog) -> None:
    """Bring the decisions, ratings and tags in metadata.jsonl up to date if necessary.

    A reviewer decides faster than a large file can be written. So decisions are not written one by
    one, but together: once a minute, when the review is left, and when the dataset is closed.

    Raises:
        DatasetError: metadata.jsonl cannot be read or written.
    """
    if catalog.unwritten_decisions():
        mend_metadata(root, catalog)


def try_to_write_decisions(root: Path, catalog: Catalog) -> None:
    """As :func:`write_decisions`, but a failure is left to the next call.

    That is at the latest when the dataset is opened again.
    """
    with suppress(DatasetError):
        write_decisions(root, catalog)


def mend_metadata(root: Path, catalog: Catalog, *, force: bool = False) -> bool:
    """Rewrite metadata.jsonl if it is out of step with the catalog, or if ``force`` is set.

    Otherwise only the decisions in the file are brought up to date. Returns whether the whole file
    was rewritten.

    Raises:
        DatasetError: metadata.jsonl cannot be read or written.
    """
    path = root / layout.METADATA
    with metadata.locked(root):  # no relabelling is running, so a stale mark is from a crash
        last = next(iter(catalog.records(limit=1)), None)
        stale = catalog.metadata_is_stale()
        unwritten = catalog.unwritten_decisions()  # first, so that later decisions stay marked
        keep = not (force or stale) and metadata.is_in_step(path, catalog.record_count(), last)
        if keep and (not unwritten or _only_decisions(path, catalog)):
            catalog.decisions_written(unwritten)
            return False
        metadata.rewrite(path, catalog.concluded_records())
        if stale:
            catalog.metadata_written()
        catalog.decisions_written(unwritten)
    return True


def _only_decisions(path: Path, catalog: Catalog) -> bool:
    """Update only the decisions; returns False if the whole file must be rewritten."""
    return path.exists() and metadata.replace_decisions(path, catalog.conclusions())


class _Mending:
    """One repair of a dataset; :meth:`run` is called once."""

    def __init__(self, root: Path, database: Database, progress: ReportProgress) -> None:
        self._root = root
        self._progress = progress
        self._database = database
        self._catalog = Catalog(root, database)
        self._queue = JobQueue(database)
        self._repair = CatalogRepair(database)
        self._lines: list[str] = []

    def run(self, quarantined: Removed) -> Mended:
        interrupted = tuple(self._queue.interrupt_running())
        self._lines += Trash(self._root, self._database).mend()
        tree = scan(self._root)
        with metadata.locked(self._root):  # otherwise a reviewer could still be using these files
            temporaries = _sweep(tree.temporaries)
        recorded = self._catalog.files()
        # A reviewer may be changing labels: a file missing in one folder may be in another now.
        missing = tree.without_file(recorded)
        gone = [file for file in missing if not os.path.lexists(self._root / file)]
        removed = self._repair.remove(gone) if gone else _NONE
        unknown = sorted(filter(layout.is_image_name, tree.files - recorded))
        adoption = Adoption(self._root, self._database, unknown, self._progress)
        if unknown:
            adoption.run()
        self._lines += adoption.lines
        if adoption.quarantined:
            self._repair.match_tasks_to_records()
        imported = import_reviews(self._root, self._catalog)
        restored = adoption.restored + self._catch_up() - imported
        changed = bool(adoption.adopted or removed.records)
        rewritten = mend_metadata(self._root, self._catalog, force=changed)
        self._add_line(temporaries, "temporary file", "of an interrupted run removed")
        self._add_line(adoption.adopted, "image", "without a record added to the catalog")
        self._add_line(removed.records, "record", "of missing images removed")
        requeued = removed + quarantined
        self._add_requeued(requeued)
        self._add_line(restored, "review", "restored from reviews.jsonl")
        self._add_line(imported, "review", f'taken from metadata.jsonl, as those of "{IMPORTED}"')
        self._add_interrupted(interrupted)
        return Mended(
            temporaries=temporaries,
            adopted=adoption.adopted,
            quarantined=adoption.quarantined,
            lost=removed.records,
            requeued=requeued.tasks,
            interrupted=interrupted,
            restored=restored + imported,
            metadata=rewritten,
            lines=tuple(self._lines),
        )

    def _add_line(self, number: int, noun: str, what: str) -> None:
        if number:
            self._lines.append(f"{counted(number, noun)} {what}")

    def _add_requeued(self, removed: Removed) -> None:
        """Say which missing images can be generated again, and how if nothing runs their jobs."""
        whose, them = ("its job runs", "it") if removed.tasks == 1 else ("their jobs run", "them")
        what = f"can be generated again when {whose}"
        if removed.interrupted:
            what = f"{what}; to run {them}: {self._resume(removed.interrupted)}"
        self._add_line(removed.tasks, "missing image", what)

    def _add_interrupted(self, job_ids: Sequence[str]) -> None:
        them = "it" if len(job_ids) == 1 else "them"
        what = f"set to interrupted; to resume {them}: "  # short: the log is one line in a pane
        self._add_line(len(job_ids), "job", what + self._resume(job_ids))

    def _resume(self, job_ids: Iterable[str]) -> str:
        return command("generate", "--resume", *sorted(job_ids), dataset=self._root)

    def _catch_up(self) -> int:
        """Store decisions that a reviewer appended to reviews.jsonl but not to the catalog.

        Decisions on missing images are kept until these images exist.
        """
        path = self._root / layout.REVIEWS
        seen = review_rows.lines_seen(self._database)
        latest, size = review_log.read_latest(path, seen)
        restored = 0
        if self._repair.outdated(latest):
            restored = self._repair.restore(review_log.read_all(path)[0])
        if size != seen:
            self._repair.keep(latest)
            with self._database.transaction() as connection:
                review_rows.note_lines(connection, range(seen, size))
        return restored


def _sweep(temporaries: Iterable[Path]) -> int:
    """Delete temporary files; returns the number deleted."""
    number = 0
    for path in temporaries:
        with suppress(OSError):  # a leftover temporary file is harmless
            path.unlink()
            number += 1
    return number
