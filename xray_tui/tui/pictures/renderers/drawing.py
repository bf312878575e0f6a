"""A drawing: a picture scaled to a box of cells and turned into what the terminal receives."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Offset
from textual.strip import Strip

_SEGMENT_BYTES = 42
"""Two colours as an escape sequence, a character, and the end of the colours."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture for a box of ``columns`` × ``rows`` cells, drawn in characters.

    Drawings with graphics extend it; their ``strips`` are drawn where the graphics would be cut.
    """

    columns: int
    rows: int
    strips: list[Strip]
    """The picture in characters, one strip a row."""

    @property
    def has_graphics(self) -> bool:
        """Whether there is more than characters to draw."""
        return False

    @property
    def transmission(self) -> str:
        """What the terminal must receive before the graphics are drawn; may be empty."""
        return ""

    @property
    def removal(self) -> str:
        """What removes the transmission from the terminal's memory; may be empty."""
        return ""

    @property
    def transfer_bytes(self) -> int:
        """About how many bytes are sent to draw it."""
        return _SEGMENT_BYTES * sum(len(list(strip)) for strip in self.strips)

    def graphics(self, corner: Offset) -> list[Strip]:
        """One strip a row of the drawing with graphics. ``corner`` is its place on the screen."""
        return self.strips

    def overwrite(self, corner: Offset) -> str:
        """What draws it over another drawing of the same area, or nothing if that needs repainting.

        Wiping out the old drawing first would flicker.
        """
        return ""
