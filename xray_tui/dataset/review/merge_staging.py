"""Reviews that are to be merged, on disk as long as it takes: there can be a million of them."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from xray_tui.dataset.catalog.database_errors import explain
from xray_tui.dataset.files.review_log import GoodLine
from xray_tui.dataset.opinions import Decision, Opinion, Review

_TABLE = """
CREATE TABLE staged (
    file INTEGER, task_id TEXT, reviewer TEXT, label TEXT, decision TEXT, rating INTEGER, tags TEXT,
    note TEXT, reviewed TEXT, PRIMARY KEY (file, task_id, reviewer)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET label = excluded.label, decision = excluded.decision,
    rating = excluded.rating, tags = excluded.tags, note = excluded.note,
    reviewed = excluded.reviewed
    WHERE excluded.reviewed >= staged.reviewed
"""


class Staging:
    """The latest review of each image and reviewer in each of some files. Gone when it is left.

    Raises:
        DatasetError: from every method: there is no room for temporary files.
    """

    def __init__(self) -> None:
        self._place = Path(tempfile.gettempdir())  # for messages: SQLite chooses by the same rules
        with explain(self._place, writing=True):
            self._connection = sqlite3.connect("", isolation_level=None)  # a file without a name
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute(_TABLE)

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def add(self, file: int, lines: Iterable[GoodLine]) -> None:
        """Add what is in the file with this number."""
        with explain(self._place, writing=True):
            self._connection.execute("BEGIN")
            self._connection.executemany(_ADD, (_row(file, line) for line in lines))
            self._connection.execute("COMMIT")

    def count(self, file: int) -> int:
        """How many there are in a file."""
        with explain(self._place):
            (number,) = self._connection.execute(
                "SELECT count(*) FROM staged WHERE file = ?", (file,)
            ).fetchone()
        return int(number)

    def of_file(self, file: int) -> Iterator[GoodLine]:
        """What is in a file, those of one image together."""
        with explain(self._place):
            for row in self._connection.execute(
                "SELECT task_id, label, reviewer, decision, rating, tags, note, reviewed"
                " FROM staged WHERE file = ? ORDER BY task_id, reviewer",
                (file,),
            ):
                task_id, label, reviewer, decision, rating, tags, note, reviewed = row
                opinion = Opinion(cast(Decision, decision), rating, tuple(tags.split()), note)
                yield GoodLine(task_id, label, Review(reviewer, opinion, reviewed))


def _row(file: int, line: GoodLine) -> tuple[object, ...]:
    review, opinion = line.review, line.review.opinion
    return (
        file,
        line.task_id,
        review.reviewer,
        line.label,
        opinion.decision,
        opinion.rating,
        " ".join(opinion.tags),
        opinion.note,
        review.reviewed,
    )
