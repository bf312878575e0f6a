"""Putting right what a crash, a kill or a hand in the folder left: run by whoever gets the lock."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import append_line, move_aside
from xray_tui.dataset.files.tree_scan import scan
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.records import NewRecord
from xray_tui.dataset.repair.catalog_repair import CatalogRepair, Removed
from xray_tui.errors import DatasetError
from xray_tui.text import clean

_CHUNK = 200
"""Images adopted at once."""


@dataclass(frozen=True)
class Mended:
    """What was put right."""

    temporaries: int = 0
    """Temporary files removed."""
    adopted: int = 0
    """Images without a record that have one now."""
    quarantined: int = 0
    """Files moved to ``.xray-tui/quarantine/``."""
    lost: int = 0
    """Records removed, for their file is gone."""
    requeued: int = 0
    """Tasks of these that are queued again."""
    interrupted: tuple[str, ...] = ()
    """Jobs that were running when their process ended."""
    restored: int = 0
    """Decisions the catalog did not know."""
    metadata: bool = False
    """Whether metadata.jsonl was written anew."""
    lines: tuple[str, ...] = ()
    """All of it for the log, one line each."""


def mend(root: Path, database: Database, progress: ReportProgress = no_progress) -> Mended:
    """Mend the dataset in ``root``; the caller holds its generator lock.

    Raises:
        DatasetError: something cannot be read or written. What is mended by then stays so.
    """
    return _Mending(root, database, progress).run()


def mend_metadata(root: Path, catalog: Catalog, *, anew: bool = False) -> bool:
    """Write metadata.jsonl if it is not in step with the catalog, or ``anew`` all the same.

    Returns whether it was written.

    Raises:
        DatasetError: it cannot be read or written.
    """
    path = root / layout.METADATA
    with metadata.locked(root):  # a reviewer is at no label: stale is what somebody left behind
        last = next(iter(catalog.records(limit=1)), None)
        stale = catalog.metadata_is_stale()
        if not (anew or stale) and metadata.is_in_step(path, catalog.record_count(), last):
            return False
        metadata.rewrite(path, catalog.all_records())
        if stale:
            catalog.metadata_written()
    return True


def quarantine(root: Path, file: str, why: str) -> str:
    """Move ``file`` to the quarantine, with a line beside it that says why; returns that line.

    Raises:
        DatasetError: it could not be moved.
    """
    folder = root / layout.QUARANTINE
    moved = move_aside(root / file, (folder / file).parent)
    line = clean(f"{file} moved to {moved.relative_to(root).as_posix()}: {why}")
    append_line(folder / "why.txt", line)
    return line


class _Mending:
    def __init__(self, root: Path, database: Database, progress: ReportProgress) -> None:
        self._root = root
        self._progress = progress
        self._database = database
        self._catalog = Catalog(root, database)
        self._queue = JobQueue(database)
        self._repair = CatalogRepair(database)
        self._lines: list[str] = []
        self._gathered: dict[str, NewRecord] = {}
        """To be adopted next, by task id."""

    def run(self) -> Mended:
        interrupted = tuple(self._queue.interrupt_running())
        tree = scan(self._root)
        with metadata.locked(self._root):  # else they may be those of a reviewer at work
            temporaries = _sweep(tree.temporaries)
        recorded = self._catalog.files()
        # Reviewers change labels meanwhile: what was not seen in one folder may lie in another.
        gone = [file for file in tree.without_file(recorded) if not self._is_there(file)]
        removed = self._repair.remove(gone) if gone else Removed(0, 0)
        unknown = sorted(filter(layout.is_image_name, tree.files - recorded))
        adopted, quarantined, restored = self._adopt(unknown) if unknown else (0, 0, 0)
        if quarantined:
            self._repair.settle_tasks()
        restored += self._catch_up()
        changed = bool(adopted or removed.records)
        rewritten = mend_metadata(self._root, self._catalog, anew=changed)
        self._say(temporaries, "temporary file(s) of a run that was cut short removed")
        self._say(adopted, "image(s) without a record adopted from what they say of themselves")
        self._say(removed.records, "record(s) removed, their images are gone")
        self._say(removed.tasks, "task(s) of these queued again")
        self._say(restored, "decision(s) restored from reviews.jsonl")
        self._say(len(interrupted), "job(s) interrupted when the process that ran them ended")
        return Mended(
            temporaries,
            adopted,
            quarantined,
            removed.records,
            removed.tasks,
            interrupted,
            restored,
            rewritten,
            tuple(self._lines),
        )

    def _say(self, number: int, what: str) -> None:
        if number:
            self._lines.append(f"{number} {what.replace('(s)', '' if number == 1 else 's')}")

    def _adopt(self, files: list[str]) -> tuple[int, int, int]:
        """Numbers of images adopted, files moved to the quarantine, and decisions restored."""
        opinions, _ = review_log.read_all(self._root / layout.REVIEWS)
        bad: list[tuple[str, str]] = []
        found = self._found(files, bad)
        adopted = restored = 0
        while part := self._gather(found):
            restored += self._repair.adopt(part.values(), opinions)
            adopted += len(part)
        quarantined = sum(self._quarantine(file, why) for file, why in bad)
        return adopted, quarantined, restored

    def _gather(self, found: Iterator[NewRecord]) -> dict[str, NewRecord]:
        """The next of ``found`` by task id; of two files of one image the later."""
        self._gathered = {}
        for image in found:
            self._gathered[image.task.id] = image
            if len(self._gathered) == _CHUNK:
                break
        return self._gathered

    def _found(self, files: list[str], bad: list[tuple[str, str]]) -> Iterator[NewRecord]:
        """Those of ``files`` that can be adopted; the others are noted in ``bad``."""
        for number, file in enumerate(files, 1):
            self._progress("reading images", number, len(files))
            try:
                found = adoptable(self._root, file)
                with metadata.locked(self._root):  # else a reviewer may just be moving it
                    wanted = self._is_wanted(found)
                if wanted:
                    yield found
            except png.BadImageError as error:
                bad.append((file, str(error).removeprefix(f"{self._root / file}: ")))
            except DatasetError as error:  # it cannot be read now, or a newer version wrote it
                if self._is_there(file):
                    self._lines.append(clean(str(error)))

    def _is_there(self, file: str) -> bool:
        return os.path.lexists(self._root / file)

    def _is_wanted(self, found: NewRecord) -> bool:
        """Whether it is still without a record.

        Of two files of one image, left by a change of its label, the one changed last stays.

        Raises:
            BadImageError: ``found`` is the earlier one.
        """
        known = self._gathered.get(found.task.id) or self._catalog.record_of(found.task.id)
        if known is None or not (self._root / known.file).is_file():
            return True
        if known.file == found.file:  # a reviewer has moved it here just now
            return False
        changes = len(png.read(self._root / known.file).relabelled)
        if changes >= len(png.read(self._root / found.file).relabelled):
            raise png.BadImageError(f"the image lies at {known.file} now, its label was changed")
        self._quarantine(known.file, f"the image lies at {found.file} now, its label was changed")
        return True

    def _quarantine(self, file: str, why: str) -> bool:
        try:
            self._lines.append(quarantine(self._root, file, why))
        except DatasetError as error:
            self._lines.append(clean(str(error)))
            return False
        return True

    def _catch_up(self) -> int:
        """Store decisions that a reviewer wrote down but could not store any more.

        Those on images that are not there wait for them.
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


def adoptable(root: Path, file: str) -> NewRecord:
    """What ``file``, relative to ``root``, says of itself.

    Raises:
        BadImageError: nothing that can be trusted, or it lies where another image belongs.
        DatasetError: it cannot be read now, or a newer xray-tui wrote it.
    """
    contents = png.read(root / file)
    try:
        place = layout.image_path(root, contents.task, contents.label)
    except DatasetError as error:
        raise png.BadImageError(f"{root / file}: {error}") from error
    if place != root / file:
        raise png.BadImageError(
            f"{root / file}: it holds the image of {place.relative_to(root).as_posix()}"
        )
    return NewRecord(contents.task, file, contents.provenance, contents.job_id)


def _sweep(temporaries: Iterable[Path]) -> int:
    """Remove temporary files that are still there; returns their number."""
    number = 0
    for left in temporaries:
        with suppress(OSError):  # left where it is, it does no harm
            left.unlink()
            number += 1
    return number
