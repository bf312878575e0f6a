"""Turns a query into one SQL statement, in which all values from the user are bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from xray_tui.dataset.catalog.database import storable
from xray_tui.dataset.query.fields import DISPUTED, NO_CHECK
from xray_tui.dataset.query.parsing import Condition, Query

Piece = tuple[str, list[object]]
"""SQL and the values that are bound in it."""

_DECISION = "coalesce(own.decision, 'undecided')"
_RATING = "coalesce(own.rating, 0)"
_VERDICT = "coalesce(verdicts.decision, 'undecided')"
_ORDER = {
    "date": "images.created",
    "label": "images.label",
    "prompt": "images.prompt_id",
    "seed": "images.seed",
    "rating": _RATING,
    "decision": _DECISION,
    "check": "images.checks",
    "file": "images.file",
}
_OWN_FIELDS = {"decision", "rating", "tag", "note"}
DISPUTED_SQL = " AND ".join(
    "EXISTS (SELECT 1 FROM reviews AS theirs WHERE theirs.record_id = images.record_id"
    f" AND theirs.decision = '{decision}')"
    for decision in ("accepted", "rejected")
)
"""Whether reviewers disagree about the row of ``images``."""
DECIDED_SQL = (
    "EXISTS (SELECT 1 FROM reviews AS mine WHERE mine.record_id = images.record_id"
    " AND mine.decision != 'undecided' AND mine.reviewer = ?)"
)
"""Whether a reviewer, the value to bind, has decided on the row of ``images``."""
_AFTER_ALL = "~"
"""Sorts after every character of a job's id."""
_OF_JOB = (
    "images.job_id BETWEEN ? AND ? OR images.record_id IN (SELECT id FROM records JOIN tasks"
    " USING (task_id) WHERE tasks.job_id BETWEEN ? AND ?)"
)
"""Images that a job generated, or that existed already when it asked for them."""
_OWN = "LEFT JOIN reviews AS own ON own.record_id = images.record_id AND own.reviewer = ?"
_VERDICTS = "LEFT JOIN verdicts ON verdicts.record_id = images.record_id"


def select_ids(
    query: Query, reviewer: str, *, hide_votes: bool = False
) -> tuple[str, tuple[object, ...]]:
    """A statement that selects the record ids of ``query`` in its order, and its values.

    Decision, rating, tags and note are those of ``reviewer``. With ``hide_votes``, an image that
    ``reviewer`` has not decided on matches as if nobody had: negated, too, nothing is revealed.
    """
    used = {condition.field for condition in query.conditions} | {key.field for key in query.sort}
    visible = f" AND {_DECISION} != 'undecided'" * hide_votes
    sql = ["SELECT images.record_id FROM images"]
    values: list[object] = []
    if used & _OWN_FIELDS or (visible and used & {"verdict", "reviewer"}):
        sql.append(_OWN)
        values.append(storable(reviewer))
    if "verdict" in used:
        sql.append(_VERDICTS + visible)
    pieces = [_condition(condition, visible) for condition in query.conditions]
    if pieces:
        sql.append("WHERE " + " AND ".join(text for text, _ in pieces))
        values += [value for _, bound in pieces for value in bound]
    keys = [_ORDER[key.field] + (" DESC" if key.descending else "") for key in query.sort]
    sql.append("ORDER BY " + ", ".join([*keys, "images.record_id"]))
    return " ".join(sql), tuple(values)


def among(query: Query, reviewer: str, *, hide_votes: bool = False) -> Piece:
    """A condition on ``record_id``, to be added after another one: it is of an image of ``query``.

    Empty if ``query`` matches all images; otherwise the arguments are those of :func:`select_ids`.
    """
    if not query.conditions:
        return "", []
    sql, values = select_ids(query, reviewer, hide_votes=hide_votes)
    return f" AND record_id IN ({sql})", list(values)


def _condition(condition: Condition, visible: str) -> Piece:
    """``visible`` is added to each comparison with reviews of others."""
    if condition.field == "decision":
        text, values = _decision(condition, visible)
    elif condition.field == "reviewer":
        text, values = _reviewer(condition, visible)
    else:
        text, values = _CONDITIONS[condition.field](condition)
    return f"NOT ({text})" if condition.negated else f"({text})", values


def _compared(expression: str) -> Callable[[Condition], Piece]:
    """Builds: ``expression`` equals one of the values, or compares with the only value."""

    def build(condition: Condition) -> Piece:
        if condition.comparison == ":":
            return _one_of(expression, condition.values)
        return f"{expression} {condition.comparison} ?", list(condition.values)

    return build


def _decision(condition: Condition, visible: str) -> Piece:
    own = [value for value in condition.values if value != DISPUTED]
    pieces = [_one_of(_DECISION, own)] if own else []
    disputed: Piece = (DISPUTED_SQL + visible, [])
    return _any([*pieces, disputed] if DISPUTED in condition.values else pieces)


def _job(condition: Condition) -> Piece:
    return _any((_OF_JOB, [job, f"{job}{_AFTER_ALL}"] * 2) for job in condition.values)


def _name(expression: str) -> Callable[[Condition], Piece]:
    """Builds: ``expression`` is like one of the values, in which ``*`` matches any text."""

    def build(condition: Condition) -> Piece:
        names = list(map(str, condition.values))
        pieces = [_like(expression, _pattern(name)) for name in names if "*" in name]
        exact = [name for name in names if "*" not in name]
        if exact:
            pieces.append(_one_of(expression, exact))
        return _any(pieces)

    return build


def _contained(*expressions: str) -> Callable[[Condition], Piece]:
    """Builds: one of the ``expressions`` contains the text, in upper or lower case."""

    def build(condition: Condition) -> Piece:
        text = _escaped(storable(str(condition.values[0])))
        # SQLite ignores case only for ASCII letters, so other letters are searched in each case.
        written = (text, text.lower(), text.upper(), text.title())
        cases = sorted({case.encode().lower().decode() for case in written})  # lowers ASCII only
        return _any(_like(expression, f"%{case}%") for expression in expressions for case in cases)

    return build


def _tag(condition: Condition) -> Piece:
    pieces = []
    for tag in map(str, condition.values):  # tags are stored with a space before and after each
        first = "" if tag.startswith("*") else " "
        last = "" if tag.endswith("*") else " "
        middle = _escaped(tag.strip("*")) or "_"
        pieces.append(_like("coalesce(own.tags, '')", f"%{first}{middle}{last}%"))
    return _any(pieces)


def _check(condition: Condition) -> Piece:
    return _any(
        ("images.checks = ''", [])
        if check == NO_CHECK
        else _like("' ' || images.checks || ' '", f"% {_escaped(str(check))} %")
        for check in condition.values
    )


def _free_name(expression: str) -> Callable[[Condition], Piece]:
    """Like :func:`_name`, for names of any characters; upper and lower case are the same."""

    def build(condition: Condition) -> Piece:
        names = (storable(str(name)) for name in condition.values)
        return _any(_like(expression, _pattern(name)) for name in names)

    return build


def _reviewer(condition: Condition, visible: str) -> Piece:
    text, values = _free_name("theirs.reviewer")(condition)
    return (
        "EXISTS (SELECT 1 FROM reviews AS theirs WHERE theirs.record_id = images.record_id "
        f"AND theirs.decision != 'undecided' AND ({text})){visible}",
        values,
    )


def _one_of(expression: str, values: Iterable[object]) -> Piece:
    bound = list(values)
    return f"{expression} IN ({', '.join('?' * len(bound))})", bound


def _like(expression: str, pattern: str) -> Piece:
    return f"{expression} LIKE ? ESCAPE '\\'", [pattern]


def _any(pieces: Iterable[Piece]) -> Piece:
    parts = list(pieces)
    return " OR ".join(text for text, _ in parts), [value for _, bound in parts for value in bound]


def _pattern(name: str) -> str:
    return _escaped(name).replace("*", "%")


def _escaped(text: str) -> str:
    """``text`` as a part of a pattern, without special characters."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_CONDITIONS: dict[str, Callable[[Condition], Piece]] = {
    "label": _name("images.label"),
    "region": _name("images.region"),
    "prompt": _name("images.prompt_id"),
    "tag": _tag,
    "verdict": _compared(_VERDICT),
    "rating": _compared(_RATING),
    "seed": _compared("images.seed"),
    "job": _job,
    "model": _free_name("images.model"),
    "scheduler": _name("images.scheduler"),
    "steps": _compared("images.steps"),
    "date": _compared("substr(images.created, 1, 10)"),
    "check": _check,
    "note": _contained("coalesce(own.note, '')"),
    "text": _contained("images.text", "images.prompt_id", "images.file"),
}
