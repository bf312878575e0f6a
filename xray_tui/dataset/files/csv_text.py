"""CSV lines that are safe to open, whatever text they contain."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from xray_tui.text import clean


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Each of ``rows`` as a UTF-8 line."""
    for row in rows:
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerow(map(_without_formula, row))
        yield text.getvalue().encode()


def _without_formula(value: object) -> object:
    """A spreadsheet would run text that looks like a formula, wherever it came from."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
