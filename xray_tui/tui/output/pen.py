"""Writes cells with few bytes: it knows where the terminal's cursor is, and in what style."""

from __future__ import annotations

from textual.geometry import Offset

from xray_tui.tui.output.styles import change

_UNKNOWN = -1, -1
"""The place of a cursor of which nobody knows where it is."""


class Pen:
    """Collects the sequence that draws cells, on a screen with this number of ``columns``.

    The cursor is ``at`` its place at the start, None if that is unknown.
    """

    def __init__(self, at: Offset | None, columns: int) -> None:
        self._x, self._y = _UNKNOWN if at is None else at
        self._columns = columns
        self._style = ""
        self._pieces: list[str] = []
        self.size = 0
        """Characters of the sequence so far."""

    def go(self, x: int, y: int) -> None:
        """Move the cursor."""
        if x != self._x or y != self._y:
            self._add(_move((self._x, self._y), (x, y)))
            self._x, self._y = x, y

    def draw(self, text: str, style: str, *, simple: bool) -> None:
        """Draw cells of one style from the cursor on.

        If it is ``simple``, each cell has one character; terminals agree about its width.
        """
        self._add(change(self._style, style) + text)
        self._style = style
        self._x += len(text)
        if not simple or self._x >= self._columns:  # they disagree there, too
            self._x, self._y = _UNKNOWN

    def erase(self) -> None:
        """Erase the cell at the cursor."""
        self.plain()
        self._add("\x1b[X")

    def insert(self, sequence: str) -> None:
        """Insert a sequence that draws in the plain style, and leaves the cursor anywhere."""
        self.plain()
        self._add(sequence)
        self._x, self._y = _UNKNOWN

    def plain(self) -> None:
        """Return to the plain style."""
        self._add(change(self._style, ""))
        self._style = ""

    @property
    def sequence(self) -> str:
        """The whole sequence so far."""
        return "".join(self._pieces)

    def _add(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self.size += len(piece)


def _move(at: tuple[int, int], to: tuple[int, int]) -> str:
    place = move_to(Offset(*to))
    if at == _UNKNOWN or at[1] != to[1]:
        return place
    steps = to[0] - at[0]
    number = "" if abs(steps) == 1 else f"{abs(steps)}"
    return min(place, f"\x1b[{number}{'C' if steps > 0 else 'D'}", key=len)


def move_to(place: Offset) -> str:
    """The sequence that moves the cursor to ``place``."""
    return f"\x1b[{place.y + 1};{place.x + 1}H"
