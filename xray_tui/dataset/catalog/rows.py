"""Rows of the catalog as typed objects: a class's annotated fields are the columns it is read from.

A row type is a frozen dataclass or, where thousands are read at once, a NamedTuple, which is built
three times as fast. A field is the column of that name; ``Annotated[str, "ifnull(note, '')"]`` is
an SQL expression instead. SQLite stores anything in any column, so the type of every value is
checked. If a function follows the SQL expression, it converts the stored value, unchecked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import starmap
from operator import itemgetter
from types import UnionType
from typing import Annotated, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Row = TypeVar("Row")
Value = TypeVar("Value")


class WrongKindError(ValueError):
    """A value in the catalog does not have the type of its column."""


def select(
    connection: sqlite3.Connection, row_type: type[Row], rest: str, values: Sequence[object] = ()
) -> list[Row]:
    """Read the rows of ``SELECT (fields of row_type) rest``; ``rest`` begins with ``FROM``.

    Raises:
        WrongKindError: a value is not of its field's type.
        sqlite3.Error: as SQLite raises it.
    """
    return parse(row_type, connection.execute(statement(row_type, rest), values).fetchall())


def statement(row_type: type, rest: str) -> str:
    """The SQL of :func:`select`."""
    return f"SELECT {', '.join(_columns(row_type))} {rest}"


def parse(row_type: Callable[..., Row], found: Sequence[tuple[object, ...]]) -> list[Row]:
    """Rows that SQLite returned, as instances of ``row_type``.

    Raises:
        WrongKindError: a value is not of its field's type.
    """
    _check(found, _kinds(row_type))
    for place, convert in _converters(row_type):
        found = [(*row[:place], convert(row[place]), *row[place + 1 :]) for row in found]
    return list(starmap(row_type, found))


def parse_column(kind: type[Value], found: Sequence[tuple[object, ...]]) -> list[Value]:
    """The only column of rows that SQLite returned.

    Raises:
        WrongKindError: a value is not of type ``kind``.
    """
    _check(found, (_kinds_of(kind),))
    return [cast(Value, value) for (value,) in found]


def _check(found: Sequence[tuple[object, ...]], kinds: Iterable[frozenset[object]]) -> None:
    for place, allowed in enumerate(kinds):
        if allowed and not allowed.issuperset(map(type, map(itemgetter(place), found))):
            raise WrongKindError("a value has the wrong type")


def _kinds_of(annotation: object) -> frozenset[object]:
    """The types of the values that a field annotated like this may hold; empty for any."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, _, *convert = get_args(annotation)
        return frozenset() if convert else _kinds_of(kind)
    if origin is Literal:
        return frozenset(map(type, get_args(annotation)))
    if origin in (Union, UnionType):
        return frozenset().union(*map(_kinds_of, get_args(annotation)))
    return frozenset() if annotation is object else frozenset({annotation})


@cache
def _columns(row_type: type) -> tuple[str, ...]:
    """The SQL of each field."""
    return tuple(
        get_args(hint)[1] if get_origin(hint) is Annotated else name
        for name, hint in get_type_hints(row_type, include_extras=True).items()
    )


@cache
def _kinds(row_type: type) -> tuple[frozenset[object], ...]:
    return tuple(map(_kinds_of, get_type_hints(row_type, include_extras=True).values()))


@cache
def _converters(row_type: type) -> tuple[tuple[int, Callable[[object], object]], ...]:
    """The positions of the fields that a function converts, and the functions."""
    hints = get_type_hints(row_type, include_extras=True).values()
    return tuple(
        (place, get_args(hint)[2])
        for place, hint in enumerate(hints)
        if get_origin(hint) is Annotated and len(get_args(hint)) > 2
    )
