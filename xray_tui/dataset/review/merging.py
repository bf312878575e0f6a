"""Merges the ``reviews.jsonl`` files of reviewers on other machines into the dataset."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from xray_tui.commands import command
from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.read_only import read
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.review_log import BadLine, GoodLine
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.records import label_of
from xray_tui.dataset.review.imported_twins import withdraw_twins
from xray_tui.dataset.review.merge_staging import Staging
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted

_CHUNK = 2_000
"""Reviews merged at once."""


class _Place(NamedTuple):
    """An image of this dataset."""

    task_id: str
    id: int
    file: str


class _KnownReview(NamedTuple):
    record_id: int
    reviewer: str
    reviewed: str


class _Match(NamedTuple):
    """A line about an image of this dataset."""

    record_id: int
    file: str
    line: GoodLine


@dataclass(frozen=True)
class MergeResult:
    """The result for one file. Only the latest review of each image by each reviewer counts."""

    path: Path
    taken: int
    """Reviews that were merged, because they are newer than the known ones."""
    known: int
    """Reviews that were known already, or are older than the known ones."""
    unknown_images: int
    """Images with reviews in the file that are not in the dataset."""
    other_labels: int
    """Merged reviews of images with another label in the file; labels are not merged."""
    bad_lines: int
    """Lines that are not a review."""


def remarks(results: Sequence[MergeResult]) -> list[str]:
    """What was not merged as it stands in the files of ``results``, all together."""
    unknown = sum(result.unknown_images for result in results)
    others = sum(result.other_labels for result in results)
    bad = sum(result.bad_lines for result in results)
    found = []
    if unknown:
        found.append(f"not in this dataset: {counted(unknown, 'reviewed image')}")
    if others:
        labels = f"images with another label there: {counted(others, 'review')}"
        found.append(f"{labels}, merged without changing the label here")
    if bad:
        found.append(f"skipped because they are not reviews: {counted(bad, 'line')}")
    return found


def merge(
    root: Path,
    database: Database,
    files: Sequence[Path],
    progress: ReportProgress = no_progress,
) -> list[MergeResult]:
    """Merge the reviews in ``files`` that are newer than those in the dataset ``root``.

    Each of ``files`` may be a folder: a dataset, or a folder with datasets or with ``….jsonl``
    files of reviews. The result has one entry for each file found.

    Opinions of the reviewer ``imported`` that agree with the merged ones are withdrawn.

    The memory used does not grow with the files. Merging again changes nothing; if it is
    interrupted, the next opening of the dataset brings the written reviews into the catalog.

    Raises:
        DatasetError: one of ``files`` cannot be read or has no review, and nothing is changed; or
            the dataset cannot be written, and the reviews merged so far stay.
    """
    found = [file for path in files for file in _sources(root, path)]
    with Staging() as staging:
        bad = [_stage(staging, number, path, progress) for number, path in enumerate(found)]
        results = []
        for number, path in enumerate(found):
            staged = _reported(staging.of_file(number), staging.count(number), progress)
            results.append(_merge_file(root, database, path, staged, bad[number]))
    return results


def _sources(root: Path, path: Path) -> list[Path]:
    """The files with reviews at ``path``: the file itself, or those of a folder.

    Raises:
        DatasetError: there are none, or they are those of the dataset ``root``.
    """
    own, name = root / layout.REVIEWS, clean(path)
    with explained(path):
        if not path.exists():
            raise DatasetError(f"{name}: there is no such file or folder; check the path")
        is_folder = path.is_dir()
        found = _in_folder(path) if is_folder else [path]
        others = [file for file in found if not (own.exists() and file.samefile(own))]
    if found and not others:
        problem = "belongs to this dataset; choose a file from another machine"
        if is_folder:
            problem = "this is the dataset itself; choose a dataset from another machine"
        raise DatasetError(f"{name}: {problem}")
    if not others and _has_catalog_only(path):
        restore = command("verify", "--repair", dataset=path)
        raise DatasetError(
            f"{name}: its reviews.jsonl is lost; to write it again from its catalog: {restore}"
        )
    if not others:
        raise DatasetError(
            f"{name}: no reviews in this folder; choose a dataset, or a folder with reviews.jsonl"
        )
    return others


def _has_catalog_only(folder: Path) -> bool:
    """Whether ``folder`` is a dataset that lost its reviews.jsonl, but not its reviews."""
    with suppress(sqlite3.Error):
        return bool(read(folder / layout.CATALOG, "SELECT 1 FROM reviews LIMIT 1", wait=1.0))
    return False


def _in_folder(folder: Path) -> list[Path]:
    """The files with reviews of a dataset, of its hidden folder, or of a folder with several."""
    of_dataset = folder / layout.REVIEWS
    if of_dataset.is_file() and (of_dataset.stat().st_size or not _has_catalog_only(folder)):
        return [of_dataset]
    files = [path for path in folder.glob("*.jsonl") if path.name != layout.METADATA]
    return sorted(filter(Path.is_file, [*files, *folder.glob(f"*/{layout.REVIEWS}")]))


def _stage(staging: Staging, number: int, path: Path, progress: ReportProgress) -> int:
    """Read a file into ``staging``; returns the number of its bad lines."""
    bad = good = 0

    def good_lines() -> Iterator[GoodLine]:
        nonlocal bad, good
        for line in review_log.read_lines(path):
            if isinstance(line, BadLine):
                bad += 1
                continue
            good += 1
            if good % _CHUNK == 0:
                progress("reading reviews", good, good)
            yield line

    staging.add(number, good_lines())
    if not good:
        raise DatasetError(f"{clean(path)}: has no reviews; choose a reviews.jsonl file")
    return bad


def _merge_file(
    root: Path, database: Database, path: Path, staged: Iterator[GoodLine], bad_lines: int
) -> MergeResult:
    taken = known = unknown_images = other_labels = 0
    last_unknown = ""
    while part := list(islice(staged, _CHUNK)):
        places = _places(database, {line.task_id for line in part})
        found = [
            _Match(place.id, place.file, line)
            for line in part
            if (place := places.get(line.task_id)) is not None
        ]
        newer = _newer(database, found)
        if newer:
            _store(root, database, newer)
        withdraw_twins(
            root, database, {one.record_id: (one.file, one.line.task_id) for one in found}
        )
        taken += len(newer)
        known += len(found) - len(newer)
        other_labels += sum(match.line.label not in ("", label_of(match.file)) for match in newer)
        for task_id in (line.task_id for line in part if line.task_id not in places):
            unknown_images += task_id != last_unknown  # lines of the same image follow each other
            last_unknown = task_id
    return MergeResult(path, taken, known, unknown_images, other_labels, bad_lines)


def _places(database: Database, task_ids: Collection[str]) -> dict[str, _Place]:
    """The images of this dataset among ``task_ids``, by task id."""
    found = database.select(
        _Place,
        "FROM records WHERE task_id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(task_ids)),),
    )
    return {place.task_id: place for place in found}


def _newer(database: Database, found: Sequence[_Match]) -> list[_Match]:
    """The reviews in ``found`` that are newer than the known ones, the earliest first."""
    rows = database.select(
        _KnownReview,
        "FROM reviews WHERE record_id IN (SELECT value FROM json_each(?))",
        (json.dumps([match.record_id for match in found]),),
    )
    known = {(row.record_id, row.reviewer): row.reviewed for row in rows}
    newer = [
        match
        for match in found
        if known.get((match.record_id, match.line.review.reviewer), "") < match.line.review.reviewed
    ]
    return sorted(newer, key=lambda match: match.line.review.reviewed)


def _store(root: Path, database: Database, newer: Sequence[_Match]) -> None:
    """Write reviews.jsonl first, which takes precedence, and then the catalog."""
    written = review_log.append(
        root, ((match.file, match.line.task_id, match.line.review) for match in newer)
    )
    with database.transaction() as connection:
        for match in newer:
            review_rows.put(connection, match.record_id, match.line.review)
        review_rows.update_verdicts(connection, {match.record_id for match in newer})
        review_rows.note_lines(connection, written)


def _reported(
    lines: Iterator[GoodLine], total: int, progress: ReportProgress
) -> Iterator[GoodLine]:
    for number, line in enumerate(lines, 1):
        if number % _CHUNK == 0:
            progress("merging reviews", number, total)
        yield line
