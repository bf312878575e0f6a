"""A drawing: a picture scaled to a box of cells and turned into output for the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Offset
from textual.strip import Strip

_SEGMENT_BYTES = 42
"""Bytes of one segment: an escape sequence for two colours, a character, and the reset."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture for a box of ``columns`` × ``rows`` cells, drawn in characters.

    Drawings with graphics extend it; their ``strips`` are drawn where the graphics would be cut.
    """

    columns: int
    rows: int
    strips: list[Strip]
    """The picture in characters, one strip per row."""

    @property
    def has_graphics(self) -> bool:
        """Whether the drawing has graphics in addition to characters."""
        return False

    @property
    def transmission(self) -> str:
        """The sequence to send before the graphics are drawn; may be empty."""
        return ""

    @property
    def removal(self) -> str:
        """The sequence that removes the picture from the terminal's memory; may be empty."""
        return ""

    @property
    def transfer_bytes(self) -> int:
        """About how many bytes are sent to draw it."""
        return _SEGMENT_BYTES * sum(len(list(strip)) for strip in self.strips)

    def graphics(self, corner: Offset) -> list[Strip]:
        """The drawing with graphics, one strip per row. ``corner`` is its place on the screen."""
        return self.strips

    def overwrite(self, corner: Offset) -> str:
        """The sequence that draws this over another drawing of the same area, without flicker.

        Empty if the area must be repainted instead.
        """
        return ""
