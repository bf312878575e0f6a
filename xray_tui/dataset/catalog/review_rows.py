"""SQL for opinions and verdicts; every reader and writer uses these functions."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from xray_tui.dataset.catalog import rows
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.files.review_log import timestamp
from xray_tui.dataset.opinions import (
    RULES,
    Conclusion,
    Decision,
    Opinion,
    Review,
    Rule,
    conclude,
    verdict,
)

RULE = "decision_rule"
"""Name of the setting that holds the :data:`Rule`."""
GIVEN = "ifnull(nullif(earlier, ''), reviewed)"
"""SQL: when the decision of a review was given."""
_LINES_SEEN = "reviews_seen"
_UNWRITTEN = "unwritten_decisions"
"""Name of the setting that exists while metadata.jsonl may lack decisions; changes with each."""


class ReviewRow(NamedTuple):
    """A row of the table ``reviews``."""

    record_id: int
    reviewer: str
    decision: Decision
    rating: int
    tags: str
    note: str
    reviewed: str
    earlier: str
    rated: str

    @property
    def review(self) -> Review:
        """The review in this row."""
        opinion = Opinion(self.decision, self.rating, tuple(self.tags.split()), self.note)
        return Review(self.reviewer, opinion, self.reviewed, self.earlier, self.rated)


def put(connection: sqlite3.Connection, record_id: int, review: Review) -> bool:
    """Store ``review`` unless the record is gone or a later review of the same reviewer is known.

    Returns whether it was stored. Call :func:`update_verdicts` afterwards. ``connection`` is in a
    transaction.
    """
    opinion = review.opinion
    return bool(
        connection.execute(
            "INSERT INTO reviews"
            " (record_id, reviewer, decision, rating, tags, note, reviewed, earlier, rated) SELECT"
            " id, :reviewer, :decision, :rating, :tags, :note, :reviewed, :earlier, :rated"
            " FROM records WHERE id = :record_id"
            " ON CONFLICT (record_id, reviewer) DO UPDATE SET decision = excluded.decision,"
            " rating = excluded.rating, tags = excluded.tags, note = excluded.note,"
            " reviewed = excluded.reviewed, earlier = excluded.earlier, rated = excluded.rated"
            " WHERE excluded.reviewed > reviews.reviewed",
            {
                "record_id": record_id,
                "reviewer": review.reviewer,
                "decision": opinion.decision,
                "rating": opinion.rating,
                "tags": joined(opinion.tags),
                "note": opinion.note,
                "reviewed": review.reviewed,
                "earlier": review.earlier,
                "rated": review.rated,
            },
        ).rowcount
    )


def put_newer(connection: sqlite3.Connection, record_id: int, reviews: Iterable[Review]) -> int:
    """Store the ``reviews`` of a record that are newer than the known ones; returns their number.

    ``connection`` is in a transaction.
    """
    stored = sum(put(connection, record_id, review) for review in reviews)
    if stored:
        update_verdicts(connection, [record_id])
    return stored


def update_verdicts(connection: sqlite3.Connection, record_ids: Iterable[int]) -> None:
    """Update the verdicts on these records; ``connection`` is in a transaction.

    Notes that metadata.jsonl lacks them, until :func:`note_written`.
    """
    connection.execute(
        "INSERT INTO settings VALUES (?, '1') ON CONFLICT (name) DO UPDATE"
        " SET value = CAST(value AS INTEGER) + 1",
        (_UNWRITTEN,),
    )
    found = connection.execute("SELECT value FROM settings WHERE name = ?", (RULE,))
    rule = _rule(value for (value,) in found)
    for record_id in record_ids:
        opinions = rows.select(
            connection, ReviewRow, "FROM reviews WHERE record_id = ?", (record_id,)
        )
        decision = verdict((row.review for row in opinions), rule)
        if decision == "undecided":
            connection.execute("DELETE FROM verdicts WHERE record_id = ?", (record_id,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO verdicts (record_id, decision) VALUES (?, ?)",
                (record_id, decision),
            )


def read_rule(database: Database) -> Rule:
    """The rule by which the verdict follows from the reviewers' decisions."""
    return _rule(database.column(str, "SELECT value FROM settings WHERE name = ?", (RULE,)))


def write_rule(database: Database, rule: Rule) -> None:
    """Change the rule, and update all verdicts."""
    with database.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (RULE, rule))
        found = connection.execute("SELECT DISTINCT record_id FROM reviews").fetchall()
        update_verdicts(connection, (record_id for (record_id,) in found))


def read_conclusions(database: Database, first: int, last: int) -> dict[int, Conclusion]:
    """The dataset's opinions of the records with ids from ``first`` to ``last``.

    Records without a review are left out.
    """
    rule = read_rule(database)
    reviews: dict[int, list[Review]] = defaultdict(list)
    where = "FROM reviews WHERE record_id BETWEEN ? AND ?"
    for row in database.select(ReviewRow, where, (first, last)):
        reviews[row.record_id].append(row.review)
    return {number: conclude(of_record, rule) for number, of_record in reviews.items()}


def unwritten(database: Database) -> str:
    """Empty if metadata.jsonl contains all decisions; otherwise another text after each of them."""
    return "".join(database.column(str, "SELECT value FROM settings WHERE name = ?", (_UNWRITTEN,)))


def note_written(database: Database, written: str) -> None:
    """Note that metadata.jsonl has the decisions up to when :func:`unwritten` was ``written``."""
    with database.transaction() as connection:
        connection.execute(
            "DELETE FROM settings WHERE name = ? AND value = ?", (_UNWRITTEN, written)
        )


def note_lines(connection: sqlite3.Connection, written: range) -> None:
    """Note that the catalog contains reviews.jsonl up to the end of the byte range ``written``.

    Nothing is noted if another process wrote lines before this range: they may not be in the
    catalog yet.
    """
    connection.execute("INSERT OR IGNORE INTO settings VALUES (?, '0')", (_LINES_SEEN,))
    connection.execute(
        "UPDATE settings SET value = ? WHERE name = ? AND value = ?",
        (str(written.stop), _LINES_SEEN, str(written.start)),
    )


def lines_seen(database: Database) -> int:
    """The number of bytes of reviews.jsonl that are certainly in the catalog."""
    found = database.column(str, "SELECT value FROM settings WHERE name = ?", (_LINES_SEEN,))
    return int(found[0]) if found and found[0].isdecimal() else 0


def read_reviews(database: Database, record_id: int) -> list[Review]:
    """All reviews of a record, the one given last first."""
    found = database.select(
        ReviewRow,
        f"FROM reviews WHERE record_id = ? ORDER BY {GIVEN} DESC, reviewer",
        (record_id,),
    )
    return [row.review for row in found]


def read_own(database: Database, reviewer: str, record_ids: Sequence[int]) -> dict[int, Review]:
    """One reviewer's reviews, by record id; records without a review are left out."""
    found = database.select_in(
        ReviewRow, "FROM reviews WHERE reviewer = ? AND record_id IN", record_ids, (reviewer,)
    )
    return {row.record_id: row.review for row in found}


def time_of(database: Database, reviewed: str) -> datetime:
    """The time of a review in the catalog, in UTC.

    Raises:
        CatalogDamagedError: ``reviewed`` is not a time.
    """
    try:
        when = datetime.fromisoformat(reviewed)
    except ValueError as error:
        raise damaged(database.path, "it is damaged (a review without a valid time)") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def time_after(database: Database, reviewed: str) -> str:
    """The time to store a review with: now, but after ``reviewed``: a clock may be set back."""
    now = datetime.now(UTC)
    if reviewed >= timestamp(now):
        now = time_of(database, reviewed) + timedelta(milliseconds=1)
    return timestamp(now)


def joined(tags: Iterable[str]) -> str:
    """Tags as the catalog stores them: sorted, with a space on either side of each tag."""
    text = " ".join(sorted(tags))
    return f" {text} " if text else ""


def _rule(values: Iterable[object]) -> Rule:
    for value in values:
        if value in RULES:
            return value
    return "latest"
