"""The steps of each reviewer, stored so that they can be undone and redone at any time."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.files.review_log import timestamp
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.review.steps import Change, Given, Move, Purged, Step, with_reasons

PROCESS = secrets.token_hex(4)
"""Names this process in the steps that it stores."""
_STARTED = timestamp(datetime.now(UTC))


def add(connection: sqlite3.Connection, reviewer: str, step: Step) -> None:
    """Store a new step; steps that were undone can no longer be redone."""
    connection.execute("DELETE FROM review_steps WHERE reviewer = ? AND undone = 1", (reviewer,))
    connection.execute(
        "INSERT INTO review_steps (reviewer, title, changes) VALUES (?, ?, ?)",
        (reviewer, step.title, _encode(step)),
    )


def add_to_rejection(
    connection: sqlite3.Connection, reviewer: str, last: tuple[int, Step] | None, step: Step
) -> None:
    """Store ``step`` as a part of the ``last`` one if that rejected the same images."""
    number, before = last or (0, Step(""))
    if merged := with_reasons(before, step.changes):
        replace_step(connection, number, merged)
    else:
        add(connection, reviewer, step)


def replace_step(connection: sqlite3.Connection, number: int, step: Step) -> None:
    """Replace the content of a step."""
    connection.execute(
        "UPDATE review_steps SET title = ?, changes = ? WHERE id = ?",
        (step.title, _encode(step), number),
    )


def mark(connection: sqlite3.Connection, number: int, *, undone: bool) -> None:
    """Mark a step as undone, by this process now, or as redone."""
    connection.execute("UPDATE review_steps SET undone = ? WHERE id = ?", (undone, number))
    if undone:
        connection.execute(
            "UPDATE review_steps SET changes = json_set(changes, '$.undone_by', json(:by))"
            " WHERE id = :number AND json_valid(changes)",
            {"by": json.dumps(_this_process_now()), "number": number},
        )


def _this_process_now() -> list[str]:
    return [PROCESS, timestamp(datetime.now(UTC))]


def next_to_undo(database: Database, reviewer: str) -> tuple[int, Step] | None:
    """The number and the content of the step to undo next; None if there is no such step."""
    return _read(database, "undone = 0 ORDER BY id DESC", reviewer)


def next_to_redo(database: Database, reviewer: str) -> tuple[int, Step] | None:
    """The number and the content of the step to redo next; None if there is no such step."""
    return _read(database, "undone = 1 ORDER BY id", reviewer)


class StepNumbers:
    """The numbers of the steps of ``reviewer``; a later step has a higher number, none has 0."""

    def __init__(self, database: Database, reviewer: str) -> None:
        self._database = database
        self._reviewer = reviewer
        self._named = 0
        """The step that :meth:`made_elsewhere` or :meth:`undone_elsewhere` named."""

    def to_undo(self) -> int:
        """The number of the step to undo next, 0 if there is none."""
        return self._number("max(id)", undone=False)

    def to_redo(self) -> int:
        """The number of the step to redo next, 0 if there is none."""
        return self._number("min(id)", undone=True)

    def made_elsewhere(self) -> str:
        """The title of the step to undo next, if another process made it since this one started.

        Empty for any other step, and when it is asked for the same step again: the user knows then.
        """
        return self._elsewhere("undone = 0 ORDER BY id DESC", "by")

    def undone_elsewhere(self) -> str:
        """As :meth:`made_elsewhere`: the step to redo next, if another process undid it."""
        return self._elsewhere("undone = 1 ORDER BY id", "undone_by")

    def _elsewhere(self, condition: str, field: str) -> str:
        found = self._database.select(
            _StepRow,
            f"FROM review_steps WHERE reviewer = ? AND {condition} LIMIT 1",
            (self._reviewer,),
        )
        for row in found:
            if row.id != self._named and _is_foreign(row.changes, field):
                self._named = row.id
                return row.title
        self._named = 0
        return ""

    def _number(self, which: str, *, undone: bool) -> int:
        sql = f"SELECT ifnull({which}, 0) FROM review_steps WHERE reviewer = ? AND undone = ?"
        (number,) = self._database.column(int, sql, (self._reviewer, int(undone)))
        return number


class _StepRow(NamedTuple):
    id: int
    title: str
    changes: str


def _read(database: Database, condition: str, reviewer: str) -> tuple[int, Step] | None:
    rows = database.select(
        _StepRow, f"FROM review_steps WHERE reviewer = ? AND {condition} LIMIT 1", (reviewer,)
    )
    if not rows:
        return None
    row = rows[0]
    try:
        return row.id, _decode(row.title, row.changes)
    except (ValueError, LookupError, TypeError) as error:
        raise damaged(database.path, f"step {row.id} of the reviews is damaged") from error


def _encode(step: Step) -> str:
    def plain(opinion: Opinion) -> list[Any]:
        return [opinion.decision, opinion.rating, list(opinion.tags), opinion.note]

    content: dict[str, Any] = {
        "changes": [
            [c.record_id, plain(c.before), plain(c.after), [*c.given_before], [*c.given_after]]
            for c in step.changes
        ],
        "moves": [[move.record_id, move.before, move.after] for move in step.moves],
    }
    content["by"] = _this_process_now()
    if step.purged:
        content["purged"] = [step.purged.purge, list(step.purged.record_ids)]
    return json.dumps(content)


def _decode(title: str, text: str) -> Step:
    def opinion(values: Sequence[Any]) -> Opinion:
        decision, rating, tags, note = values
        return Opinion(decision, rating, tuple(tags), note)

    content = json.loads(text)
    changes = (
        Change(number, opinion(before), opinion(after), *map(_given, given))
        for number, before, after, *given in content["changes"]
    )
    moves = tuple(Move(*values) for values in content["moves"])
    purged = None
    if "purged" in content:
        purge, record_ids = content["purged"]
        purged = Purged(purge, tuple(record_ids))
    return Step(title, tuple(changes), moves, purged)


def _given(value: object) -> Given:
    """The times in a step; earlier versions had one time for the whole opinion."""
    decision, rating = value if isinstance(value, list) else (value, value)
    return Given(str(decision), str(rating))


def _is_foreign(text: str, field: str) -> bool:
    """Whether another process, named in ``field`` of a step, did this since this one started."""
    try:
        process, when = json.loads(text)[field]
    except (ValueError, LookupError, TypeError):  # of an earlier version, or damaged
        return False
    return bool(process != PROCESS and str(when) > _STARTED)
