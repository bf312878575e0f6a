"""The positions of keys, headers and list items in a TOML text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

KeyPath = tuple[str | int, ...]
"""The place of a value: ``("prompts", 3, "slots", "view", 0)``. Numbers count from 0."""


@dataclass
class Section:
    """A ``[header]`` with the lines up to the next one: its first and last line with content."""

    path: KeyPath
    first: int
    last: int


@dataclass
class Positions:
    """Lines count from 1. If the text exceeds a limit, ``excess`` is the line and the reason."""

    lines: dict[KeyPath, int] = field(default_factory=dict)
    """The line on which each key, header and list item first appears."""
    keys: list[tuple[int, KeyPath]] = field(default_factory=list)
    """All keys and headers in order, including repeated ones."""
    sections: list[Section] = field(default_factory=list)
    excess: tuple[int, str] | None = None

    def line_of(self, path: KeyPath) -> int:
        """The line of ``path``, or of the nearest table around it if ``path`` has none."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def path_at(self, line: int) -> KeyPath:
        """The last key or header that starts at or before ``line``."""
        number = bisect_right(self.keys, line, key=lambda at: at[0])
        return self.keys[number - 1][1] if number else ()
