"""Opinions and verdicts in the catalog: one statement for whoever stores or reads them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import cast

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.opinions import RULES, Decision, Opinion, Review, Rule, verdict

RULE = "decision_rule"
"""The name of that setting."""
_LINES_SEEN = "reviews_seen"
_CHUNK = 500
_COLUMNS = "reviewer, decision, rating, tags, note, reviewed"
_KINDS = (int, str, str, int, str, str, str)


def put(connection: sqlite3.Connection, record_id: int, review: Review) -> bool:
    """Store ``review`` of a record if there still is one, unless a later one of the same reviewer
    is known; returns whether it was. ``connection`` is in a transaction; then :func:`settle`.
    """
    opinion = review.opinion
    return bool(
        connection.execute(
            f"INSERT INTO reviews (record_id, {_COLUMNS})"
            " SELECT id, ?, ?, ?, ?, ?, ? FROM records WHERE id = ?"
            " ON CONFLICT (record_id, reviewer) DO UPDATE SET decision = excluded.decision,"
            " rating = excluded.rating, tags = excluded.tags, note = excluded.note,"
            " reviewed = excluded.reviewed WHERE excluded.reviewed > reviews.reviewed",
            (
                review.reviewer,
                opinion.decision,
                opinion.rating,
                joined(opinion.tags),
                opinion.note,
                review.reviewed,
                record_id,
            ),
        ).rowcount
    )


def put_later(connection: sqlite3.Connection, record_id: int, reviews: Iterable[Review]) -> int:
    """Store those of ``reviews`` of a record that are later than what is known; returns how many.

    ``connection`` is in a transaction.
    """
    stored = sum(put(connection, record_id, review) for review in reviews)
    if stored:
        settle(connection, [record_id])
    return stored


def settle(connection: sqlite3.Connection, record_ids: Iterable[int]) -> None:
    """Bring the verdicts on these records up to date; ``connection`` is in a transaction."""
    rule = _rule(connection.execute("SELECT value FROM settings WHERE name = ?", (RULE,)))
    for record_id in record_ids:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM reviews WHERE record_id = ?", (record_id,)
        )
        decision = verdict((_review(*row) for row in rows), rule)
        if decision == "undecided":
            connection.execute("DELETE FROM verdicts WHERE record_id = ?", (record_id,))
        else:
            connection.execute(
                "INSERT OR REPLACE INTO verdicts (record_id, decision) VALUES (?, ?)",
                (record_id, decision),
            )


def read_rule(database: Database) -> Rule:
    """How the verdict follows from the reviewers' decisions."""
    return _rule(database.read("SELECT value FROM settings WHERE name = ?", (RULE,), (str,)))


def write_rule(database: Database, rule: Rule) -> None:
    """Change the rule, and all verdicts with it."""
    with database.transaction() as connection:
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (RULE, rule))
        found = connection.execute("SELECT DISTINCT record_id FROM reviews").fetchall()
        settle(connection, (record_id for (record_id,) in found))


def note_lines(connection: sqlite3.Connection, written: range) -> None:
    """Note that the catalog has what these bytes of reviews.jsonl say, and all before them.

    Where others wrote in between, which may not be in the catalog yet, nothing is noted.
    """
    connection.execute("INSERT OR IGNORE INTO settings VALUES (?, '0')", (_LINES_SEEN,))
    connection.execute(
        "UPDATE settings SET value = ? WHERE name = ? AND value = ?",
        (str(written.stop), _LINES_SEEN, str(written.start)),
    )


def lines_seen(database: Database) -> int:
    """So many bytes of reviews.jsonl are surely in the catalog."""
    rows = database.read("SELECT value FROM settings WHERE name = ?", (_LINES_SEEN,), (str,))
    return int(rows[0][0]) if rows and rows[0][0].isdecimal() else 0


def read_reviews(database: Database, record_id: int) -> list[Review]:
    """Everyone's review of a record, the latest first."""
    rows = database.read(
        f"SELECT record_id, {_COLUMNS} FROM reviews WHERE record_id = ?"
        " ORDER BY reviewed DESC, reviewer",
        (record_id,),
        _KINDS,
    )
    return [_review(*row[1:]) for row in rows]


def read_own(database: Database, reviewer: str, record_ids: Sequence[int]) -> dict[int, Review]:
    """The reviews of one reviewer, by record id; records without one are not in it."""
    found: dict[int, Review] = {}
    for start in range(0, len(record_ids), _CHUNK):
        part = record_ids[start : start + _CHUNK]
        rows = database.read(
            f"SELECT record_id, {_COLUMNS} FROM reviews WHERE reviewer = ?"
            f" AND record_id IN ({','.join('?' * len(part))})",
            (reviewer, *part),
            _KINDS,
        )
        found |= {row[0]: _review(*row[1:]) for row in rows}
    return found


def time_of(database: Database, reviewed: str) -> datetime:
    """When a review of the catalog was made."""
    try:
        when = datetime.fromisoformat(reviewed)
    except ValueError as error:
        raise damaged(database.path, "it is damaged (the time of a review)") from error
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def joined(tags: Iterable[str]) -> str:
    """Tags as the catalog has them: sorted, with a space on either side of each, or nothing."""
    text = " ".join(sorted(tags))
    return f" {text} " if text else ""


def _review(
    reviewer: str, decision: str, rating: int, tags: str, note: str, reviewed: str
) -> Review:
    opinion = Opinion(cast(Decision, decision), rating, tuple(tags.split()), note)
    return Review(reviewer, opinion, reviewed)


def _rule(rows: Iterable[tuple[object, ...]]) -> Rule:
    for (value,) in rows:
        if value in RULES:
            return value
    return "latest"
