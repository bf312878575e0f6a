"""The names of the columns of a table, and texts that can be stored."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from xray_tui.errors import TableError
from xray_tui.text import counted, quoted

MAX_COLUMNS = 1000
MAX_NAME = 100
"""Characters in the name of a column."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def text_problem(text: str) -> str:
    """Why ``text`` cannot be stored; empty if it can."""
    if "\0" in text:
        return "contains a NUL character; remove it"
    if not text.isascii() and _SURROGATE.search(text):
        return f"{quoted(text, 30)} is not valid UTF-8; save the table as UTF-8"
    return ""


def check_names(table: str, names: Sequence[str]) -> None:
    """Check the ``names`` of the columns of ``table``.

    Raises:
        TableError: a column has no name, or one that cannot be used.
    """
    if len(names) > MAX_COLUMNS:
        raise TableError(
            f"{table}: has {counted(len(names), 'column')}; at most {MAX_COLUMNS} are allowed"
        )
    for number, column in enumerate(names, 1):
        reason = text_problem(column)
        if not column:
            reason = "has no name; write one into the first line, or remove the column"
        elif len(column) > MAX_NAME:
            reason = (
                f"has a name of {counted(len(column), 'character')}; at most {MAX_NAME} are allowed"
            )
        if reason:
            raise TableError(f"{table}: column {number} {reason}")
    column, times = Counter(names).most_common(1)[0]
    if times > 1:
        columns = counted(times, "column")
        raise TableError(
            f"{table}: {columns} are called {quoted(column)}; give each a name of its own"
        )
