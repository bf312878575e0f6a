"""The reviews as a table that other programs read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.dataset.files.csv_text import csv_lines
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted

COLUMNS = (
    "file", "region", "label", "prompt_id", "seed", "verdict", "reviewer", "decision", "rating",
    "tags", "note", "reviewed",
)  # fmt: skip
"""``verdict`` is the dataset's decision."""

_CHUNK = 500
"""Images read at once."""
_SQL = (
    "SELECT chunk.record_id, file, region, label, prompt_id, seed,"
    " ifnull(verdicts.decision, 'undecided'), ifnull(reviewer, ''),"
    " ifnull(reviews.decision, 'undecided'), ifnull(rating, 0), ifnull(tags, ''),"
    " ifnull(note, ''), ifnull(reviewed, '')"
    " FROM (SELECT * FROM images WHERE record_id > ? ORDER BY record_id LIMIT ?) AS chunk"
    " LEFT JOIN verdicts ON verdicts.record_id = chunk.record_id"
    " LEFT JOIN reviews ON reviews.record_id = chunk.record_id AND (? = '' OR reviewer = ?)"
    " ORDER BY chunk.record_id, reviewer"
)
_KINDS = (int, str, str, str, str, int, str, str, str, int, str, str, str)


def export(database: Database, path: Path, reviewer: str = "") -> int:
    """Write a CSV file with one row for each image and reviewer; returns the number of rows.

    With ``reviewer`` only theirs. An image without a review has one row, its reviewer empty.

    Raises:
        DatasetError: it cannot be written, and what was there stays; ``path`` has no ``.csv`` at
            its end, or is a folder; or ``reviewer`` has reviewed nothing.
    """
    name = clean(str(path))
    if path.suffix.lower() != ".csv":  # or a slip would replace an image, or the reviews themselves
        raise DatasetError(f"{name}: name a file that ends in .csv")
    with explained(path):
        if path.is_dir():
            raise DatasetError(f"{name} is a folder; name a file")
        if not path.parent.is_dir():
            raise DatasetError(f"{name}: there is no folder {clean(str(path.parent))}")
    if reviewer and not database.read(
        "SELECT 1 FROM reviews WHERE reviewer = ? LIMIT 1", (reviewer,)
    ):
        raise DatasetError(
            f"{quoted(reviewer)} has reviewed nothing here; xray-tui reviews list shows who has"
        )
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
    while part := database.read(_SQL, (last, _CHUNK, reviewer, reviewer), _KINDS):
        for _, *values in part:
            *before, tags, note, reviewed = values
            yield *before, tags.strip(), note, reviewed
        last = part[-1][0]
