"""Reviews in the catalog that ``reviews.jsonl`` lacks, as the file was deleted or shortened.

A review is written to the file first and then to the catalog, so only the catalog has it where
something else changed the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from xray_tui.dataset.catalog import waiting_reviews
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import ReviewRow
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.files.review_log import Opinions
from xray_tui.dataset.opinions import Review
from xray_tui.text import counted


class Stored(NamedTuple):
    """A review in the catalog."""

    file: str
    """Of the image; empty if the image is missing, and its review waits for it."""
    task_id: str
    review: Review


class _Place(NamedTuple):
    id: int
    task_id: str
    file: str


def stored_reviews(database: Database) -> list[Stored]:
    """The last review of each image by each reviewer, in the order in which they were stored.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    reviews = database.select(ReviewRow, "FROM reviews")
    waiting = waiting_reviews.read_all(database)
    places = {place.id: place for place in database.select(_Place, "FROM records")}
    found = [
        Stored(place.file, place.task_id, row.review)
        for row in reviews
        if (place := places.get(row.record_id)) is not None
    ]
    found += [Stored("", task_id, review) for task_id, review in waiting]
    return sorted(found, key=lambda stored: stored.review.reviewed)


def unfiled(stored: Iterable[Stored], filed: Opinions) -> list[Stored]:
    """Those of ``stored`` that are not in the file, which must be read after them.

    Otherwise those that reviewers give meanwhile would be taken for lost.
    """
    return [one for one in stored if _is_later(one, filed)]


def described(missing: Iterable[Stored]) -> str:
    """What the file lacks: ``it lacks 9 reviews that the catalog has: 7 by anna, 2 by ben``."""
    reviewers = Counter(one.review.reviewer for one in missing)
    whose = ", ".join(f"{number:,} by {name}" for name, number in sorted(reviewers.items()))
    return f"it lacks {counted(reviewers.total(), 'review')} that the catalog has: {whose}"


def file_again(root: Path, database: Database) -> None:
    """Append the reviews that reviews.jsonl of the dataset ``root`` lacks.

    Raises:
        DatasetError: the catalog or the file cannot be read or written.
    """
    with database.transaction():  # no reviewer appends a line meanwhile
        stored = stored_reviews(database)
        filed, _ = review_log.read_all(root / layout.REVIEWS)
        if missing := unfiled(stored, filed):
            review_log.append(root, missing)


def _is_later(stored: Stored, filed: Opinions) -> bool:
    known = filed.get(stored.task_id, {}).get(stored.review.reviewer)
    return known is None or known.reviewed < stored.review.reviewed
