"""Exports the reviews as a table for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import GIVEN
from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.dataset.files.csv_text import csv_lines
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted

_CHUNK = 500
"""The number of images read at once."""
_FROM = (
    "FROM (SELECT * FROM images WHERE record_id > ? ORDER BY record_id LIMIT ?) AS chunk"
    " LEFT JOIN verdicts ON verdicts.record_id = chunk.record_id"
    " LEFT JOIN reviews ON reviews.record_id = chunk.record_id AND (? = '' OR reviewer = ?)"
    " ORDER BY chunk.record_id, reviewer"
)


class _ExportRow(NamedTuple):
    """The record id, and the columns in their order."""

    record_id: Annotated[int, "chunk.record_id"]
    file: str
    region: str
    label: str
    prompt_id: str
    seed: int
    verdict: Annotated[str, "ifnull(verdicts.decision, 'undecided')"]
    reviewer: Annotated[str, "ifnull(reviewer, '')"]
    decision: Annotated[str, "ifnull(reviews.decision, 'undecided')"]
    rating: Annotated[int, "ifnull(rating, 0)"]
    tags: Annotated[str, "trim(ifnull(tags, ''))"]
    note: Annotated[str, "ifnull(note, '')"]
    reviewed: Annotated[str, f"ifnull({GIVEN}, '')"]
    """When the decision was given: the rule ``latest`` compares these times."""


_REVIEWERS_NAMED = 10

COLUMNS = _ExportRow._fields[1:]
"""The columns of the table; ``verdict`` is the dataset's decision."""


def export(database: Database, path: Path, reviewer: str = "") -> int:
    """Write a CSV file with one row per image and reviewer; returns the number of rows.

    With ``reviewer``, only the reviews of this reviewer are written. An image without a review
    has one row with an empty reviewer.

    Raises:
        DatasetError: the file cannot be written, and an existing one stays; ``path`` does not end
            in ``.csv`` or is a folder; or ``reviewer`` has no reviews.
    """
    name = clean(path)
    if path.suffix.lower() != ".csv":  # a typing error could replace an image or the reviews
        raise DatasetError(f"{name}: choose a file name that ends in .csv")
    with explained(path):
        if path.is_dir():
            raise DatasetError(f"{name}: is a folder; choose a file name")
        if not path.parent.is_dir():
            raise DatasetError(f"{name}: there is no folder {clean(path.parent)}; create it first")
    if reviewer and not database.read(
        "SELECT 1 FROM reviews WHERE reviewer = ? LIMIT 1", (reviewer,)
    ):
        known = database.read("SELECT DISTINCT reviewer FROM reviews ORDER BY reviewer")
        others = ", ".join(quoted(one) for (one,) in known[:_REVIEWERS_NAMED]) or "nobody yet"
        raise DatasetError(f"{quoted(reviewer)} has no reviews here; reviewers are {others}")
    count = -1

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal count
        for row in _rows(database, reviewer):
            count += 1
            yield row

    write_whole(path, csv_lines(rows()))
    return count


def _rows(database: Database, reviewer: str) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    last = 0
    while chunk := database.select(_ExportRow, _FROM, (last, _CHUNK, reviewer, reviewer)):
        for row in chunk:
            yield row[1:]
        last = chunk[-1].record_id
