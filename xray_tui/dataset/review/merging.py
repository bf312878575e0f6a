"""Taking in what reviewers on other machines decided: their ``reviews.jsonl`` files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.review_log import BadLine, GoodLine
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.records import label_of
from xray_tui.dataset.review.merge_staging import Staging
from xray_tui.errors import DatasetError
from xray_tui.text import clean

_CHUNK = 2_000
"""Reviews taken at once."""

_Found = tuple[int, str, GoodLine]
"""Record id and file of an image here, and what is said of it."""


@dataclass(frozen=True)
class Merged:
    """What one file brought. An image has one review of each reviewer, the latest."""

    path: Path
    taken: int
    """Reviews that count now: later than what was known."""
    known: int
    """Reviews of images here that were known, or are older than what was."""
    unknown_images: int
    """Images it has reviews of, and which are not here."""
    other_labels: int
    """Reviews taken of images with another label there: labels are not taken over."""
    bad_lines: int
    """Lines that are no review."""


def merge(
    root: Path,
    database: Database,
    files: Sequence[Path],
    progress: ReportProgress = no_progress,
) -> list[Merged]:
    """Take from each of ``files`` what is later than what the dataset in ``root`` knows.

    Nothing is held in memory that grows with the files. Merging again changes nothing; if it is cut
    short, what was written down is brought into the catalog by the next opening of the dataset.

    Raises:
        DatasetError: one of ``files`` cannot be read or has no review in it, and nothing is
            changed; or something cannot be written now, and what was taken by then stays.
    """
    for path in files:
        _check(root, path)
    with Staging() as staging:
        bad = [_stage(staging, number, path, progress) for number, path in enumerate(files)]
        merged = []
        for number, path in enumerate(files):
            staged = _counted(staging.of_file(number), staging.count(number), progress)
            merged.append(_take(root, database, path, staged, bad[number]))
    return merged


def _check(root: Path, path: Path) -> None:
    own, name = root / layout.REVIEWS, clean(str(path))
    with explained(path):
        if not path.exists():
            raise DatasetError(f"{name}: there is no such file")
        if path.is_dir():
            inside = path / layout.REVIEWS
            instead = clean(str(inside)) if inside.is_file() else "a reviews.jsonl file"
            raise DatasetError(f"{name} is a folder; name {instead}")
        if own.exists() and path.samefile(own):
            raise DatasetError(f"{name} is this dataset's own; name that of another machine")


def _stage(staging: Staging, number: int, path: Path, progress: ReportProgress) -> int:
    """Read a file; returns the number of its bad lines."""
    bad = good = 0

    def good_lines() -> Iterator[GoodLine]:
        nonlocal bad, good
        for line in review_log.read_lines(path):
            if isinstance(line, BadLine):
                bad += 1
                continue
            good += 1
            if good % _CHUNK == 0:
                progress("reading", good, good)
            yield line

    staging.add(number, good_lines())
    if not good:
        raise DatasetError(f"{clean(str(path))}: no review is in it; is it a reviews.jsonl file?")
    return bad


def _take(
    root: Path, database: Database, path: Path, staged: Iterator[GoodLine], bad_lines: int
) -> Merged:
    taken = known = unknown_images = other_labels = 0
    last_unknown = ""
    while part := list(islice(staged, _CHUNK)):
        places = _places(database, {line.task_id for line in part})
        found = [(*places[line.task_id], line) for line in part if line.task_id in places]
        later = _later(database, found)
        if later:
            _store(root, database, later)
        taken += len(later)
        known += len(found) - len(later)
        other_labels += sum(line.label not in ("", label_of(file)) for _, file, line in later)
        for task_id in (line.task_id for line in part if line.task_id not in places):
            unknown_images += task_id != last_unknown  # those of one image come together
            last_unknown = task_id
    return Merged(path, taken, known, unknown_images, other_labels, bad_lines)


def _places(database: Database, task_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """Record id and file of those of ``task_ids`` that have an image here."""
    rows = database.read(
        "SELECT task_id, id, file FROM records WHERE task_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(task_ids)),),
        (str, int, str),
    )
    return {task_id: (number, file) for task_id, number, file in rows}


def _later(database: Database, found: Sequence[_Found]) -> list[_Found]:
    """Those of ``found`` that are later than what is known, the earliest first."""
    rows = database.read(
        "SELECT record_id, reviewer, reviewed FROM reviews"
        " WHERE record_id IN (SELECT value FROM json_each(?))",
        (json.dumps([number for number, _, _ in found]),),
        (int, str, str),
    )
    known = {(number, reviewer): reviewed for number, reviewer, reviewed in rows}
    later = [
        one
        for one in found
        if known.get((one[0], one[2].review.reviewer), "") < one[2].review.reviewed
    ]
    return sorted(later, key=lambda one: one[2].review.reviewed)


def _store(root: Path, database: Database, later: Sequence[_Found]) -> None:
    """First the lines, which are what counts, then the catalog."""
    written = review_log.append(
        root, ((file, line.task_id, line.review) for _, file, line in later)
    )
    with database.transaction() as connection:
        for number, _, line in later:
            review_rows.put(connection, number, line.review)
        review_rows.settle(connection, {number for number, _, _ in later})
        review_rows.note_lines(connection, written)


def _counted(lines: Iterator[GoodLine], total: int, progress: ReportProgress) -> Iterator[GoodLine]:
    for number, line in enumerate(lines, 1):
        if number % _CHUNK == 0:
            progress("taking", number, total)
        yield line
