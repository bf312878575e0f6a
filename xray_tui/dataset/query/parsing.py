"""The query line of the review: ``label:pneumonia rating>=3 -tag:grid* "pleural effusion"``.

All terms must match. A term is a field, an operator and a value, or words that the text contains;
a leading ``-`` negates it. Commas separate alternative values, ``*`` matches any text in names,
quotes keep spaces, ``sort:label,-date`` sorts, and ``@name`` is a saved filter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xray_tui.dataset.query.fields import ALIASES, FIELDS, SORTS, Value
from xray_tui.dataset.query.words import Part, Word, quote, split
from xray_tui.errors import XrayTuiError
from xray_tui.text import quoted

MAX_CONDITIONS = 50
MAX_VALUES = 100
"""Values of one condition."""
MAX_VALUE = 200
"""Characters of one value."""

_PLAIN = re.compile(r"[^\s\",]+")
_PLAIN_WORD = re.compile(r"[^\s\"@-][^\s\"]*")


class QueryError(XrayTuiError):
    """A query line that cannot be understood."""

    def __init__(self, problem: str, position: int) -> None:
        super().__init__(f"character {position + 1}: {problem}")
        self.position = position
        """Place in the line, from 0."""


@dataclass(frozen=True)
class Condition:
    """A condition that images must meet, or with ``negated`` must not meet."""

    field: str
    """One of FIELDS."""
    values: tuple[Value, ...]
    """Alternatives, in canonical form."""
    comparison: str = ":"
    """``:`` for equal or matching, ``<``, ``<=``, ``>`` or ``>=`` with a single value."""
    negated: bool = False

    def __str__(self) -> str:
        """A term that is parsed as this condition."""
        minus = "-" if self.negated else ""
        if self.field == "text":
            (text,) = map(str, self.values)
            plain = _PLAIN_WORD.fullmatch(text) and not split(text)[0].field
            return f"{minus}{text if plain else quote(text)}"
        values = [text if _PLAIN.fullmatch(text) else quote(text) for text in map(str, self.values)]
        return f"{minus}{self.field}{self.comparison}{','.join(values)}"


@dataclass(frozen=True)
class SortKey:
    """One field that images are sorted by."""

    field: str
    """One of SORTS."""
    descending: bool = False

    def __str__(self) -> str:
        """The text after ``sort:``."""
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True)
class Query:
    """The conditions and the order of images; without an order, the oldest comes first."""

    conditions: tuple[Condition, ...] = ()
    sort: tuple[SortKey, ...] = ()

    def __str__(self) -> str:
        """A line that is parsed as this query."""
        terms = [str(condition) for condition in self.conditions]
        if self.sort:
            terms.append("sort:" + ",".join(map(str, self.sort)))
        return " ".join(terms)


def parse(line: str, saved: Mapping[str, str] | None = None) -> Query:
    """The query in ``line``, which may use the filters of ``saved`` as ``@name``.

    The line's own order takes precedence over the order of a saved filter.

    Raises:
        QueryError: the message gives the position, the problem, and the allowed values.
    """
    conditions: list[Condition] = []
    sort: tuple[SortKey, ...] = ()
    saved_sort: tuple[SortKey, ...] = ()
    for word in split(line):
        if word.shape.startswith("@"):
            query = _saved_query(word, saved)
            conditions += query.conditions
            saved_sort = query.sort or saved_sort
        elif word.field == "sort":
            if sort:
                raise QueryError(
                    "sort appears twice; give several fields as in sort:label,-date", word.start
                )
            sort = _sort(word)
        else:
            conditions.append(_condition(word))
        if len(conditions) > MAX_CONDITIONS:
            raise QueryError(f"too many terms; use at most {MAX_CONDITIONS}", word.start)
    return Query(tuple(conditions), sort or saved_sort)


def _saved_query(word: Word, saved: Mapping[str, str] | None) -> Query:
    name = word.text[1:]
    if saved is None:
        raise QueryError("a saved filter cannot use another one; write out its terms", word.start)
    if name not in saved:
        known = ", ".join(f"@{known_name}" for known_name in sorted(saved))
        advice = f"use {known}" if known else "none is saved yet"
        raise QueryError(f"there is no saved filter {quoted(name)}; {advice}", word.start)
    try:
        return parse(saved[name])
    except QueryError as error:
        raise QueryError(f"the saved filter @{name} is wrong: {error}", word.start) from error


def _sort(word: Word) -> tuple[SortKey, ...]:
    if word.negated:
        raise QueryError("sort cannot be negated; use sort:-date for the latest first", word.start)
    if word.operator not in (":", "="):
        raise QueryError("sort needs a colon, as in sort:-date", word.start)
    return tuple(_sort_key(part) for part in _parts(word))


def _sort_key(part: Part) -> SortKey:
    field = part.text.lower().removeprefix("-")
    if field not in SORTS:
        allowed = ", ".join(SORTS)
        raise QueryError(
            f"images cannot be sorted by {quoted(part.text)}; use {allowed}", part.start
        )
    return SortKey(field, part.text.startswith("-"))


def _condition(word: Word) -> Condition:
    if word.shape.startswith("-@"):
        raise QueryError("a saved filter cannot be negated; write out its terms", word.start)
    if not word.operator:
        text = word.value
        if not text.text:
            problem = "a term must follow the -" if word.negated else "the quotes are empty"
            raise QueryError(f"{problem}; use a term such as label:normal", word.start)
        return Condition("text", (_checked(text),), negated=word.negated)
    name = ALIASES.get(word.field, word.field)
    if name not in FIELDS:
        names = ", ".join((*FIELDS, *ALIASES, "sort"))
        raise QueryError(f"{quoted(word.field)} is not a field; use {names}, or quotes", word.start)
    field = FIELDS[name]
    comparison = ":" if word.operator == "=" else word.operator
    if comparison not in ((":", "<", "<=", ">", ">=") if field.ordered else (":",)):
        more = ", <, <=, > or >=" if field.ordered else ""
        raise QueryError(
            f"{name} cannot be used with {word.operator}; use :{more}, and a leading - for not",
            word.start,
        )
    parts = _parts(word) if field.takes_list else [word.value]
    if comparison != ":" and len(parts) > 1:
        raise QueryError(f"{comparison} takes only one value; {field.allowed}", word.start)
    shown = name if word.field == name else quoted(word.field)
    values = tuple(_value(name, shown, part) for part in parts)
    return Condition(name, values, comparison, word.negated)


def _parts(word: Word) -> list[Part]:
    parts = word.values
    if len(parts) > MAX_VALUES:
        raise QueryError(f"too many values; use at most {MAX_VALUES}", word.start)
    return parts


def _value(name: str, shown: str, part: Part) -> Value:
    """The value of the field ``name``, which messages call ``shown``, as the user typed it."""
    field = FIELDS[name]
    if not part.text:
        raise QueryError(f"{shown} needs a value; {field.allowed}", part.start)
    value = field.read(_checked(part))
    if value is None:
        raise QueryError(f"{shown} cannot be {quoted(part.text)}; {field.allowed}", part.start)
    return value


def _checked(part: Part) -> str:
    if len(part.text) > MAX_VALUE:
        raise QueryError(f"the value is too long; use at most {MAX_VALUE} characters", part.start)
    return part.text
