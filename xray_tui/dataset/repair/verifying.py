"""Checking a dataset, and mending what the check finds."""

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
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.dataset.repair.mending import (
    Mended,
    adoptable,
    mend,
    mend_metadata,
    quarantine,
)
from xray_tui.dataset.repair.problems import Findings, Kind, Problem, find_problems
from xray_tui.errors import (
    CatalogDamagedError,
    DatasetError,
    DatasetFullError,
    DatasetLockedError,
)

_LOCK_PATIENCE = 1.0
_NOT_MENDED_HERE = ("catalog", "unreadable")


@dataclass(frozen=True)
class Verified:
    """What a check found, and what became of it."""

    findings: Findings
    left: tuple[Problem, ...]
    """Problems that are still there."""
    notes: tuple[str, ...]
    """What else there is to say."""
    looked: bool = True
    """Whether the images could be checked: not without a catalog."""

    @property
    def needs_rebuild(self) -> bool:
        """Whether ``xray-tui rebuild`` is what helps."""
        return any(problem.kind == "catalog" for problem in self.left)


def verify(
    root: Path,
    progress: ReportProgress = no_progress,
    *,
    repair: bool = False,
    steal_lock: bool = False,
) -> Verified:
    """Check the dataset in ``root``; with ``repair`` mend what can be mended.

    Raises:
        DatasetLockedError: another process generates, so nothing can be mended.
        DatasetError: there is no dataset, or something cannot be read or written.
    """
    root = root.absolute()
    layout.check_root(root)
    catalog_path = root / layout.CATALOG
    with _holding_lock(root, repair, steal_lock) as held_by_other:
        with explained(catalog_path):
            missing = not catalog_path.exists() or catalog_path.stat().st_size == 0
        if missing and not repair:
            why = "there is no catalog; it is made anew when xray-tui opens this"
            return _without_catalog("no catalog", why)
        try:
            return _verify(root, progress, repair, held_by_other)
        except CatalogDamagedError as error:
            return _without_catalog("catalog", str(error).removeprefix(f"{catalog_path}: "))


def _verify(root: Path, progress: ReportProgress, repair: bool, held_by_other: str) -> Verified:
    database = Database(root / layout.CATALOG)
    try:
        findings = find_problems(root, database, progress, live=bool(held_by_other))
        notes = [held_by_other] if held_by_other else []
        left = findings.problems
        if repair:
            repair_run = _Repair(root, database)
            left, mended = repair_run.run(findings.problems)
            notes += [*repair_run.moved, *mended.lines]
    finally:
        database.close()
    return Verified(findings, left, tuple(notes))


def _without_catalog(kind: Kind, why: str) -> Verified:
    problem = Problem(kind, layout.CATALOG, why)
    return Verified(Findings(0, (), (problem,)), (problem,), (), looked=False)


@contextmanager
def _holding_lock(root: Path, needed: bool, steal: bool) -> Iterator[str]:
    """Hold the generator lock; where it is not ``needed``, who holds it may keep it."""
    lock = GeneratorLock(root, lambda _: None, steal=steal, only_looks=not needed)
    held = lock.held(_LOCK_PATIENCE)
    try:
        held.__enter__()
    except (DatasetLockedError, DatasetFullError) as error:
        if needed:
            raise
        locked = isinstance(error, DatasetLockedError)
        yield "images are being made; what is not recorded yet was not checked" if locked else ""
        return
    try:
        yield ""
    finally:
        held.__exit__(None, None, None)


class _Repair:
    """Mends what :func:`find_problems` found; the caller holds the generator lock."""

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database
        self._repair = CatalogRepair(database)
        self.moved: list[str] = []
        """Which images went to the quarantine, and where they are now; one line each."""

    def run(self, problems: tuple[Problem, ...]) -> tuple[tuple[Problem, ...], Mended]:
        """Returns what is still wrong, and what mending the rest did."""
        left = [problem for problem in problems if problem.kind in _NOT_MENDED_HERE]
        for problem in problems:
            if problem.kind in ("bad image", "size", "disagreement"):
                left += self._mend_image(problem)
        mended = mend(self._root, self._database)
        if any(problem.kind == "metadata" for problem in problems):
            mend_metadata(self._root, Catalog(self._root, self._database), anew=True)
        self._set_bad_lines_aside()
        self._repair.restore(review_log.read_all(self._root / layout.REVIEWS)[0])
        left += self._still_without_record(problems)
        return tuple(left), mended

    def _mend_image(self, problem: Problem) -> list[Problem]:
        """Believe the image where it can be believed, else move it away and queue its task."""
        file = problem.file
        try:
            if problem.kind != "bad image":
                with suppress(BadImageError):
                    found = adoptable(self._root, file)
                    self._repair.replace(found)
                    return []
            self.moved.append(quarantine(self._root, file, problem.text))
            self._repair.remove([file])
        except CatalogDamagedError:
            raise
        except DatasetError as error:
            return [Problem(problem.kind, file, f"{problem.text}; not mended: {error}")]
        return []

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
        """Blank out what is no decision, in place: a reviewer may be adding lines meanwhile."""
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
