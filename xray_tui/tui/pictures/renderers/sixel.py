"""Sixel graphics: xterm, foot, WezTerm, Windows Terminal and others.

tmux, since 3.4, keeps a list of Sixel pictures, and draws them again after the texts of a window.
It takes one out of the list when one of its rows is erased, but not when a text is drawn over it
while lines do not wrap, as in this app. It also makes the height a multiple of the six rows of
a band, and fills all cells that are touched: a picture is cut to whole bands, or one row more of
cells would be black.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageFilter
from textual.geometry import Offset, Region

from xray_tui.tui.output.pen import move_to
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing, Graphics
from xray_tui.tui.pictures.renderers.sixel_encoding import BAND, encode
from xray_tui.tui.pictures.terminal_query import TerminalReply

_DRAFT_GREYS, _DRAFT_BLUR = 8, 1.5


@dataclass(frozen=True, eq=False)
class SixelDrawing(GraphicDrawing):
    """A picture as a Sixel sequence, and the pixels to draw parts of it."""

    sixel: str
    greys: int
    in_tmux: bool

    @property
    def comes_back(self) -> bool:
        """True in tmux."""
        return self.in_tmux

    @property
    def part_bytes(self) -> int:
        """The length of the Sixel sequence."""
        return len(self.sixel)

    def draft(self, corner: Offset) -> str:
        """Few greys and no details."""
        blurred = self.pixels.filter(
            ImageFilter.BoxBlur(_DRAFT_BLUR * self.pixels.width / self.columns)
        )
        return f"{move_to(corner)}{encode(_banded(blurred, self.in_tmux), _DRAFT_GREYS)}"

    def part(self, area: Region, corner: Offset) -> str:
        """Go to the part's corner and draw its pixels."""
        start = move_to(corner + area.offset)
        if area.size == (self.columns, self.rows):
            return f"{start}{self.sixel}"
        return f"{start}{encode(_banded(self.pixels_of(area), self.in_tmux), self.greys)}"


_BYTES_OF_A_PIXEL = 0.42
"""More are not worth sending: the loupe of a small font has 60 kB at most."""
_FEWEST_GREYS = 16


class Sixel(Graphics):
    """Draws in the terminal's own pixels, by Sixel sequences."""

    name = "sixel"
    title = "Sixel"

    def __init__(self, *, in_tmux: bool = False) -> None:
        self._in_tmux = in_tmux

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal says that it supports Sixel."""
        return reply.sixel

    def encoded(self, pixels: Image.Image, columns: int, rows: int, greys: int) -> SixelDrawing:
        """``pixels`` as a Sixel sequence with up to ``greys`` grey levels.

        Grain makes a sequence long; it gets fewer greys, which are hard to tell apart in it.
        """
        most = _BYTES_OF_A_PIXEL * pixels.width * pixels.height
        sent = _banded(pixels, self._in_tmux)
        sixel = encode(sent, greys)
        while len(sixel) > most and greys > _FEWEST_GREYS:
            greys = max(_FEWEST_GREYS, int(greys * (most / len(sixel)) ** 1.25))
            sixel = encode(sent, greys)
        return SixelDrawing(columns, rows, pixels, sixel, greys, self._in_tmux)


def _banded(pixels: Image.Image, in_tmux: bool) -> Image.Image:
    """The whole bands of ``pixels``, in tmux; at least one."""
    if not in_tmux or pixels.height < BAND:
        return pixels
    return pixels.crop((0, 0, pixels.width, pixels.height - pixels.height % BAND))
