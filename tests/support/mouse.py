"""A mouse, by the sequences that terminals send for it."""

from __future__ import annotations

from textual.geometry import Offset

_HELD, _WHEEL = 32, 64


def press(at: Offset) -> str:
    """The left button is pressed on this cell of the screen."""
    return _sequence(0, at)


def drag(to: Offset) -> str:
    """The mouse moves to this cell with the left button held."""
    return _sequence(_HELD, to)


def release(at: Offset) -> str:
    """The left button is released."""
    return _sequence(0, at, "m")


def click(at: Offset) -> str:
    """The left button is pressed and released."""
    return press(at) + release(at)


def wheel(at: Offset, *, up: bool) -> str:
    """The wheel turns by one notch."""
    return _sequence(_WHEEL if up else _WHEEL + 1, at)


def _sequence(button: int, at: Offset, end: str = "M") -> str:
    return f"\x1b[<{button};{at.x + 1};{at.y + 1}{end}"
