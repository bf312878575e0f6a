"""What each reviewer did, step by step, so that it can be undone and done again, also later."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.opinions import Opinion

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Change:
    """A record of which a reviewer's opinion changed."""

    record_id: int
    before: Opinion
    after: Opinion

    def applied_to(self, now: Opinion) -> Opinion:
        """``now`` with this change; what is no longer as it was ``before`` stays as it is."""
        before, after = self.before, self.after
        gone, new = {*before.tags} - {*after.tags}, {*after.tags} - {*before.tags}
        return Opinion(
            _changed(now.decision, before.decision, after.decision),
            _changed(now.rating, before.rating, after.rating),
            tuple(sorted({*now.tags} - gone | new)),
            _changed(now.note, before.note, after.note),
        )


@dataclass(frozen=True)
class Move:
    """A record that went from one label to another."""

    record_id: int
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """What one key did."""

    title: str
    """In the past tense: ``rejected: 3 images``."""
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()

    @property
    def records(self) -> tuple[int, ...]:
        """The records it is about."""
        changed = (one.record_id for one in self.changes)
        return (*changed, *(one.record_id for one in self.moves))

    def reversed(self) -> Step:
        """The step that takes this one back."""
        return replace(
            self,
            changes=tuple(Change(one.record_id, one.after, one.before) for one in self.changes),
            moves=tuple(Move(one.record_id, one.after, one.before) for one in self.moves),
        )


def add(connection: sqlite3.Connection, reviewer: str, step: Step) -> None:
    """Store a new step; what was undone before cannot be done again any more."""
    connection.execute("DELETE FROM review_steps WHERE reviewer = ? AND undone = 1", (reviewer,))
    connection.execute(
        "INSERT INTO review_steps (reviewer, title, changes) VALUES (?, ?, ?)",
        (reviewer, step.title, _encode(step)),
    )


def mark(connection: sqlite3.Connection, number: int, *, undone: bool) -> None:
    """Note that a step was undone, or done again."""
    connection.execute("UPDATE review_steps SET undone = ? WHERE id = ?", (undone, number))


def last_done(database: Database, reviewer: str) -> tuple[int, Step] | None:
    """Number and content of the step that is undone next."""
    return _read(database, "undone = 0 ORDER BY id DESC", reviewer)


def first_undone(database: Database, reviewer: str) -> tuple[int, Step] | None:
    """Number and content of the step that is done again next."""
    return _read(database, "undone = 1 ORDER BY id", reviewer)


def _changed(now: _Value, before: _Value, after: _Value) -> _Value:
    return after if now == before else now


def _read(database: Database, which: str, reviewer: str) -> tuple[int, Step] | None:
    rows = database.read(
        f"SELECT id, title, changes FROM review_steps WHERE reviewer = ? AND {which} LIMIT 1",
        (reviewer,),
        (int, str, str),
    )
    if not rows:
        return None
    number, title, text = rows[0]
    try:
        return number, _decode(title, text)
    except (ValueError, LookupError, TypeError) as error:
        raise damaged(database.path, f"step {number} of the reviews is damaged") from error


def _encode(step: Step) -> str:
    def plain(opinion: Opinion) -> list[Any]:
        return [opinion.decision, opinion.rating, list(opinion.tags), opinion.note]

    return json.dumps(
        {
            "changes": [
                [one.record_id, plain(one.before), plain(one.after)] for one in step.changes
            ],
            "moves": [[one.record_id, one.before, one.after] for one in step.moves],
        }
    )


def _decode(title: str, text: str) -> Step:
    def opinion(values: Sequence[Any]) -> Opinion:
        decision, rating, tags, note = values
        return Opinion(decision, rating, tuple(tags), note)

    content = json.loads(text)
    changes = (
        Change(number, opinion(before), opinion(after))
        for number, before, after in content["changes"]
    )
    return Step(title, tuple(changes), tuple(Move(*one) for one in content["moves"]))
