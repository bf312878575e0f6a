"""A banner with the reasons why the prompt library cannot be read, fitted to the free rows."""

from __future__ import annotations

import re
from pathlib import Path

from textual.content import Content
from textual.widgets import Static

from xray_tui.text import clean, counted
from xray_tui.tui.text_fit import cut, wrap

_HEADLINE_ROWS = 3
"""From this number of rows on, the first row names the file."""


class ProblemBanner(Static):
    """Shows the problems of a file, with the whole text as a tooltip; hidden without problems."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._head = ""
        self._problems: list[str] = []
        self._space = (32, 4)
        """Columns and rows."""

    def show(self, message: str, source: Path) -> None:
        """Show ``message``, one problem of the file ``source`` per line; hide if it is empty."""
        self._problems = [_placed(line, source) for line in message.splitlines() if line.strip()]
        number = len(self._problems)
        name = clean(source.name)
        self._head = (
            f"{name}: {counted(number, 'problem')}" if number > 1 else f"{name} cannot be used"
        )
        self.display = bool(self._problems)
        self.tooltip = Content(clean(message, keep_newlines=True))
        self._show()

    def fit(self, width: int, rows: int) -> None:
        """Use at most ``width`` columns and ``rows`` rows."""
        self._space = (width, rows)
        self._show()

    def _show(self) -> None:
        width, limit = self._space
        rows = [row for problem in self._problems for row in wrap(problem, max(width, 8))]
        head = [cut(self._head, width)] if limit >= _HEADLINE_ROWS else []
        limit -= len(head)
        if len(rows) > limit:
            rows = [*rows[: limit - 1], cut(f"{rows[limit - 1]}…", width)]
        lines = [*(Content.styled(line, "bold") for line in head), *map(Content, rows)]
        self.update(Content("\n").join(lines))


def _placed(problem: str, source: Path) -> str:
    """``problem`` with "line 12: " at its start instead of the file and the line."""
    text = clean(problem.strip())
    place = re.match(rf"{re.escape(clean(str(source)))}:(?:(\d+):)? ", text)
    if place is None:
        return text
    line = f"line {place[1]}: " if place[1] else ""
    return f"{line}{text[place.end() :]}"
