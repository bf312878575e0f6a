"""Lines of CSV that are safe to open, whatever text from files is in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from xray_tui.text import clean


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Each of ``rows`` as a line in UTF-8."""
    for row in rows:
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerow(map(_harmless, row))
        yield text.getvalue().encode()


def _harmless(value: object) -> object:
    """Text comes from anywhere, and a spreadsheet would run what looks like a formula."""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
