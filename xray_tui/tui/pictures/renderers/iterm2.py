"""iTerm2's inline images: WezTerm, iTerm2, mintty, and the terminal of VS Code.

These know Sixel as well, but here a picture is a JPEG file of a fourth of the bytes, with all greys
and 5 to 8 dB closer to the picture (radiographs of 51×24 cells: 15 to 20 kB against 67 to 70 kB).
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO

from PIL import Image
from textual.geometry import Offset, Region, Size

from xray_tui.tui.output.pen import move_to
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing, Graphics
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS
from xray_tui.tui.pictures.terminal_query import TerminalReply

_QUALITY, _LIVE_QUALITY, _DRAFT_QUALITY = 90, 75, 50
_DRAFT_PIXELS = Size(2, 4)
"""Of each cell; the terminal enlarges them."""


@dataclass(frozen=True, eq=False)
class InlineImage(GraphicDrawing):
    """A picture as a JPEG file in one sequence, and the pixels to draw parts of it."""

    quality: int
    file: bytes

    @property
    def part_bytes(self) -> int:
        """The length of the sequence."""
        return len(self.file) * 4 // 3

    def draft(self, corner: Offset) -> str:
        """Few pixels, enlarged by the terminal."""
        across, down = _DRAFT_PIXELS
        small = self.pixels.resize((self.columns * across, self.rows * down), Image.Resampling.BOX)
        file = _file(small, _DRAFT_QUALITY)
        return f"{move_to(corner)}{_sequence(file, Size(self.columns, self.rows))}"

    def part(self, area: Region, corner: Offset) -> str:
        """Go to the part's corner and draw its pixels."""
        start = move_to(corner + area.offset)
        if area.size == (self.columns, self.rows):
            return f"{start}{_sequence(self.file, area.size)}"
        return f"{start}{_sequence(_file(self.pixels_of(area), self.quality), area.size)}"


class InlineImages(Graphics):
    """Draws in the terminal's own pixels, by iTerm2's protocol."""

    name = "iterm2"
    title = "iTerm2 images"

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal is one that is known to show them: none says so."""
        return reply.inline_images

    def encoded(self, pixels: Image.Image, columns: int, rows: int, greys: int) -> InlineImage:
        """``pixels`` as a JPEG file, a smaller one where few greys are wanted."""
        quality = _QUALITY if greys >= MAX_GREYS else _LIVE_QUALITY
        return InlineImage(columns, rows, pixels, quality, _file(pixels, quality))


def _file(pixels: Image.Image, quality: int) -> bytes:
    file = BytesIO()
    pixels.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _sequence(file: bytes, size: Size) -> str:
    """The sequence that draws an image file over cells, as many as ``size`` says."""
    keys = f"inline=1;size={len(file)};width={size.width};height={size.height}"
    data = b64encode(file).decode("ascii")
    return f"\x1b]1337;File={keys};preserveAspectRatio=0:{data}\x07"
