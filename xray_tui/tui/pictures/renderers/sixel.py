"""Sixel graphics: xterm, foot, WezTerm, Windows Terminal and others."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image
from rich.segment import ControlType, Segment
from textual.geometry import Offset
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.graphics import Graphics
from xray_tui.tui.pictures.renderers.sixel_encoding import encode
from xray_tui.tui.pictures.terminal_query import TerminalReply

_AS_CONTROL = ((ControlType.CURSOR_FORWARD, 0),)
"""Marks a segment that takes up no cells."""


@dataclass(frozen=True, eq=False)
class SixelDrawing(Drawing):
    """A picture as a Sixel sequence. Where the Sixel would be cut, its characters are drawn."""

    sixel: str

    @property
    def has_graphics(self) -> bool:
        """True."""
        return True

    @property
    def transfer_bytes(self) -> int:
        """The length of the Sixel sequence."""
        return len(self.sixel)

    def graphics(self, corner: Offset) -> list[Strip]:
        """The whole Sixel is sent with the last row, and the cells are stepped over.

        Blanks in the cells would wipe out the pixels there, and flicker; the Sixel covers whatever
        was there before.
        """
        step_over = Segment(f"\x1b[{self.columns}C", None, _AS_CONTROL)
        picture = Segment(self.overwrite(corner), None, _AS_CONTROL)
        row = Strip([step_over], self.columns)
        return [row] * (self.rows - 1) + [Strip([step_over, picture], self.columns)]

    def overwrite(self, corner: Offset) -> str:
        """Go to the corner, draw, and go to the end of the last row, where the line continues."""
        end = Offset(corner.x + self.columns, corner.y + self.rows - 1)
        return f"{_move_to(corner)}{self.sixel}{_move_to(end)}"


class Sixel(Graphics):
    """Draws in the terminal's own pixels, by Sixel sequences."""

    name = "sixel"

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal says that it supports Sixel."""
        return reply.sixel

    def encoded(self, pixels: Image.Image, in_characters: Drawing, greys: int) -> Drawing:
        """``pixels`` as a Sixel sequence with ``greys`` grey levels."""
        columns, rows, strips = in_characters.columns, in_characters.rows, in_characters.strips
        return SixelDrawing(columns, rows, strips, encode(pixels, greys))


def _move_to(place: Offset) -> str:
    return f"\x1b[{place.y + 1};{place.x + 1}H"
