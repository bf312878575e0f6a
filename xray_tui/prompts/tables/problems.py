"""What is wrong with a table: rows that cannot be used, each named by line and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xray_tui.text import clipped, counted

MAX_LISTED = 20
"""Bad rows that a message lists; the others are only counted."""


@dataclass(frozen=True)
class Problem:
    """Why the row at ``line`` (from 1) cannot be used; ``column`` is empty for the whole row."""

    line: int
    column: str
    reason: str
    """Continues after the place, and is safe to show."""

    def __str__(self) -> str:
        column = f", column {clipped(self.column, 40)}" if self.column else ""
        return f"line {self.line}{column}: {self.reason}"


@dataclass
class Problems:
    """The bad rows of the table ``name``: all are counted, and the first ones are kept."""

    name: str
    count: int = 0
    first: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Count one more bad row."""
        self.count += 1
        if len(self.first) < MAX_LISTED:
            self.first.append(problem)

    def lines(self) -> Sequence[str]:
        """One line for each bad row that is kept, and one with the number of the others."""
        more = self.count - len(self.first)
        listed = [f"{self.name}: {problem}" for problem in sorted(self.first, key=_line)]
        return [*listed, f"… and {counted(more, 'more row')}"] if more else listed


def _line(problem: Problem) -> int:
    return problem.line
