"""Holds reviews on disk while they are merged: there can be a million of them."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from xray_tui.dataset.catalog import rows
from xray_tui.dataset.catalog.database_errors import explain
from xray_tui.dataset.files.review_log import GoodLine
from xray_tui.dataset.opinions import Decision, Opinion, Review

_TABLE = """
CREATE TABLE staged (
    file INTEGER, task_id TEXT, reviewer TEXT, label TEXT, decision TEXT, rating INTEGER, tags TEXT,
    note TEXT, reviewed TEXT, earlier TEXT, rated TEXT,
    PRIMARY KEY (file, task_id, reviewer)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET label = excluded.label, decision = excluded.decision,
    rating = excluded.rating, tags = excluded.tags, note = excluded.note,
    reviewed = excluded.reviewed, earlier = excluded.earlier, rated = excluded.rated
    WHERE excluded.reviewed >= staged.reviewed
"""


class Staging:
    """The latest review of each image and reviewer in each file; deleted when it is closed.

    Raises:
        DatasetError: from every method: there is no space for temporary files.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.gettempdir())  # for messages; SQLite uses the same folder
        with explain(self._folder, writing=True):
            self._connection = sqlite3.connect("", isolation_level=None)  # a temporary file
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute(_TABLE)

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def add(self, file: int, lines: Iterable[GoodLine]) -> None:
        """Add the reviews of the file with this number."""
        with explain(self._folder, writing=True):
            self._connection.execute("BEGIN")
            self._connection.executemany(_ADD, (_StagedRow.of(file, line) for line in lines))
            self._connection.execute("COMMIT")

    def count(self, file: int) -> int:
        """The number of reviews in a file."""
        with explain(self._folder):
            (number,) = self._connection.execute(
                "SELECT count(*) FROM staged WHERE file = ?", (file,)
            ).fetchone()
        return int(number)

    def of_file(self, file: int) -> Iterator[GoodLine]:
        """The reviews in a file, grouped by image."""
        with explain(self._folder):
            statement = rows.statement(
                _StagedRow, "FROM staged WHERE file = ? ORDER BY task_id, reviewer"
            )
            for values in self._connection.execute(statement, (file,)):
                yield _StagedRow(*values).line


class _StagedRow(NamedTuple):
    file: int
    task_id: str
    reviewer: str
    label: str
    decision: Decision
    rating: int
    tags: str
    note: str
    reviewed: str
    earlier: str
    rated: str

    @classmethod
    def of(cls, file: int, line: GoodLine) -> _StagedRow:
        review, opinion = line.review, line.review.opinion
        return cls(
            file=file,
            task_id=line.task_id,
            reviewer=review.reviewer,
            label=line.label,
            decision=opinion.decision,
            rating=opinion.rating,
            tags=" ".join(opinion.tags),
            note=opinion.note,
            reviewed=review.reviewed,
            earlier=review.earlier,
            rated=review.rated,
        )

    @property
    def line(self) -> GoodLine:
        opinion = Opinion(self.decision, self.rating, tuple(self.tags.split()), self.note)
        review = Review(self.reviewer, opinion, self.reviewed, self.earlier, self.rated)
        return GoodLine(self.task_id, self.label, review)
