"""What is shown in a window that is too small for any screen of the app."""

from __future__ import annotations

import textwrap
from typing import Protocol, runtime_checkable

from textual.geometry import Offset, Size

SMALLEST = Size(60, 15)
"""In a smaller window, whole panes have no row or no column left."""
QUIT_KEY = "q"


def is_too_small(size: Size) -> bool:
    """Whether a window of this size has no room for the app."""
    return size.width < SMALLEST.width or size.height < SMALLEST.height


@runtime_checkable
class Holding(Protocol):
    """A screen with something that would be lost if the app ended."""

    def at_stake(self) -> str:
        """A short sentence that says what would be lost now; empty if nothing."""


def lines(size: Size, at_stake: str = "") -> list[tuple[Offset, str]]:
    """The lines for a window of this size, with their places: as many as there is room for.

    ``at_stake`` says why the app was not quit.
    """
    needed = f"{SMALLEST.width}×{SMALLEST.height}"
    text = (
        f"{at_stake} Enlarge the window to {needed} first, then quit."
        if at_stake
        else f"This window has {size.width}×{size.height} characters; xray-tui needs {needed}. "
        f"Enlarge it, or quit with {QUIT_KEY}."
    )
    wrapped = textwrap.wrap(text, size.width, break_on_hyphens=False)[: size.height]
    top = (size.height - len(wrapped)) // 2
    return [
        (Offset((size.width - len(line)) // 2, top + number), line)
        for number, line in enumerate(wrapped)
    ]
