"""Checks a dataset, and repairs the problems that the check finds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.files.atomic import append_line, explained
from xray_tui.dataset.files.png import BadImageError
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.repair.adoption import adoptable, quarantine
from xray_tui.dataset.repair.catalog_repair import CatalogRepair, Removed
from xray_tui.dataset.repair.marking import add_marks
from xray_tui.dataset.repair.mending import (
    Mended,
    mend,
    mend_metadata,
    write_decisions,
)
from xray_tui.dataset.repair.problems import Findings, Kind, Problem, find_problems
from xray_tui.dataset.repair.renaming import rename
from xray_tui.dataset.repair.unfiled_reviews import file_again
from xray_tui.errors import (
    CatalogDamagedError,
    DatasetError,
    DatasetFullError,
    DatasetLockedError,
)

_NOT_REPAIRED_HERE = ("catalog", "unreadable")


@dataclass(frozen=True)
class Verified:
    """Result of a check, and of the repair if one was asked for."""

    findings: Findings
    left: tuple[Problem, ...]
    """Problems that remain."""
    unmarked: tuple[str, ...]
    """Intact images that are still not marked as synthetic."""
    notes: tuple[str, ...]
    """Further lines for the user."""
    old_ratings: tuple[str, ...] = ()
    """Marked images whose files do not have their rating yet."""
    images_checked: bool = True
    """False if the catalog cannot be read: the images cannot be checked without it."""

    @property
    def marked(self) -> int:
        """Number of images that are marked as synthetic by now."""
        return self.findings.marked + len(self.findings.unmarked) - len(self.unmarked)

    @property
    def needs_rebuild(self) -> bool:
        """Whether ``xray-tui rebuild`` is needed."""
        return any(problem.kind == "catalog" for problem in self.left)


def verify(
    root: Path,
    progress: ReportProgress = no_progress,
    *,
    repair: bool = False,
    steal_lock: bool = False,
) -> Verified:
    """Check the dataset in ``root``; with ``repair``, repair what can be repaired.

    Raises:
        DatasetLockedError: another process is generating, so nothing can be repaired.
        DatasetError: there is no dataset, or something cannot be read or written.
    """
    root = layout.check_root(root)
    catalog_path = root / layout.CATALOG
    with _holding_lock(root, repair, steal_lock) as lock_note:
        with explained(catalog_path):
            missing = not catalog_path.exists() or catalog_path.stat().st_size == 0
        if missing and not repair:
            why = "there is no catalog; it is rebuilt when xray-tui opens the dataset"
            return _without_catalog("no catalog", why)
        try:
            return _verify(root, progress, repair, lock_note)
        except CatalogDamagedError as error:
            return _without_catalog("catalog", str(error).removeprefix(f"{catalog_path}: "))


def _verify(root: Path, progress: ReportProgress, repair: bool, lock_note: str) -> Verified:
    database = Database(root / layout.CATALOG)
    try:
        findings = find_problems(root, database, progress, live=bool(lock_note))
        notes = [lock_note] if lock_note else []
        left, unmarked = findings.problems, findings.unmarked
        old_ratings = findings.old_ratings
        if repair:
            repair_run = _Repair(root, database)
            failed = add_marks(root, findings.ratings, progress)
            not_written = {problem.file for problem in failed}
            unmarked = tuple(file for file in unmarked if file in not_written)
            old_ratings = tuple(file for file in old_ratings if file in not_written)
            remaining, mended = repair_run.run(findings.problems)
            left = (*remaining, *failed)
            notes += [*repair_run.moved, *mended.lines]
    finally:
        database.close()
    return Verified(findings, left, unmarked, tuple(notes), old_ratings)


def _without_catalog(kind: Kind, why: str) -> Verified:
    problem = Problem(kind, layout.CATALOG, why)
    return Verified(Findings(0, (), (problem,)), (problem,), (), (), images_checked=False)


@contextmanager
def _holding_lock(root: Path, needed: bool, steal: bool) -> Iterator[str]:
    """Hold the generator lock if it is ``needed`` or free.

    Yields a note for the user if another process is generating; otherwise an empty text.
    """
    lock = GeneratorLock(root, steal=steal, read_only=not needed)
    held = lock.held(leaves_jobs=True)
    try:
        held.__enter__()
    except (DatasetLockedError, DatasetFullError) as error:
        if needed:
            raise
        holder = lock.other_holder()
        who = "another process" if holder is None else holder.short
        locked = isinstance(error, DatasetLockedError)
        yield f"images without a record were not checked: {who} may be saving them" * locked
        return
    try:
        yield ""
    finally:
        held.__exit__(None, None, None)


class _Repair:
    """Repairs the problems of :func:`find_problems`; the caller holds the generator lock."""

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._repair = CatalogRepair(database)
        self._removed = Removed()
        self.moved: list[str] = []
        """Images moved to the quarantine, and where they are now; one line each."""

    def run(self, problems: tuple[Problem, ...]) -> tuple[tuple[Problem, ...], Mended]:
        """Repair ``problems``; returns the remaining problems, and the result of :func:`mend`."""
        left = [problem for problem in problems if problem.kind in _NOT_REPAIRED_HERE]
        for problem in problems:
            if problem.kind in ("bad image", "size", "disagreement"):
                left += self._mend_image(problem)
        mended = mend(self._root, self._database, quarantined=self._removed)
        if any(problem.kind == "split word" for problem in problems):
            left += self._rename()
        if any(problem.kind == "metadata" for problem in problems):
            mend_metadata(self._root, Catalog(self._root, self._database), force=True)
        self._set_bad_lines_aside()
        self._repair.restore(review_log.read_all(self._root / layout.REVIEWS)[0])
        file_again(self._root, self._database)
        write_decisions(self._root, Catalog(self._root, self._database))
        left += self._still_without_record(problems)
        return tuple(left), mended

    def _mend_image(self, problem: Problem) -> list[Problem]:
        """Correct the record if the image is intact; otherwise quarantine it and queue its task."""
        file = problem.file
        try:
            if problem.kind != "bad image":
                with suppress(BadImageError):
                    found = adoptable(self._root, file)
                    self._repair.replace(found)
                    return []
            self.moved.append(quarantine(self._root, file, problem.text))
            self._removed += self._repair.remove([file])
        except CatalogDamagedError:
            raise
        except DatasetError as error:
            return [Problem(problem.kind, file, f"{problem.text}; not repaired: {error}")]
        return []

    def _rename(self) -> list[Problem]:
        """Rename the images that have a split word in their path."""
        return [
            Problem("split word", file, f"not renamed: {why}")
            for file, why in rename(self._root, Catalog(self._root, self._database))
        ]

    def _still_without_record(self, problems: tuple[Problem, ...]) -> list[Problem]:
        recorded = Catalog(self._root, self._database).files()
        return [
            problem
            for problem in problems
            if problem.kind == "no record"
            and problem.file not in recorded
            and os.path.lexists(self._root / problem.file)
        ]

    def _set_bad_lines_aside(self) -> None:
        """Move invalid lines to the quarantine.

        They are overwritten with blanks in place, as a reviewer may be appending lines.
        """
        path = self._root / layout.REVIEWS
        _, bad = review_log.read_all(path)
        if not bad:
            return
        with explained(path):
            (self._root / layout.QUARANTINE).mkdir(exist_ok=True)
        with explained(path), path.open("r+b") as file:
            for line in bad:
                file.seek(line.offset)
                content = file.read(line.length).decode(errors="replace")
                append_line(self._root / layout.QUARANTINE / "reviews.txt", content)
            for line in bad:
                file.seek(line.offset)
                file.write(b" " * line.length)
            file.flush()
            os.fsync(file.fileno())
