"""Kitty's graphics protocol with placeholder characters: kitty, Ghostty.

The picture goes into the terminal's memory, and the placeholder characters stand for it. Both go
through Textual's driver: textual-image itself writes to stdout at once, possibly in the middle of
the output of Textual's writer thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from PIL import Image
from textual.geometry import Offset, Region

from xray_tui.tui.output.pen import move_to
from xray_tui.tui.pictures.renderers import textual_image_internals
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing, Graphics
from xray_tui.tui.pictures.terminal_query import TerminalReply

_CHUNK = 4096
_PLACEHOLDER_BYTES = 8


@dataclass(frozen=True, eq=False)
class KittyDrawing(GraphicDrawing):
    """A picture in the terminal's memory, and the placeholder characters that stand for it."""

    number: int
    """Its number in the terminal."""
    commands: tuple[str, ...]

    @property
    def transmission(self) -> Sequence[str]:
        """The commands that put the picture into the terminal's memory."""
        return self.commands

    @property
    def abortion(self) -> str:
        """The end of the data before it is complete."""
        return _command("m=0,q=2")

    @property
    def removal(self) -> str:
        """The command that removes the picture from the terminal's memory."""
        return _command(f"a=d,d=I,i={self.number},q=2")

    @property
    def part_bytes(self) -> int:
        """The length of all placeholders."""
        return self.columns * self.rows * _PLACEHOLDER_BYTES

    def part(self, area: Region, corner: Offset) -> str:
        """The placeholders of these cells, row by row."""
        red, green, blue = self.number >> 16, self.number >> 8 & 255, self.number & 255
        rows = [
            move_to(corner + Offset(area.x, y))
            + "".join(textual_image_internals.placeholder(x, y) for x in range(area.x, area.right))
            for y in range(area.y, area.bottom)
        ]
        return f"\x1b[38;2;{red};{green};{blue}m{''.join(rows)}\x1b[m"


class Kitty(Graphics):
    """Draws in the terminal's own pixels, by kitty's graphics protocol."""

    name = "kitty"
    title = "kitty graphics"
    terminal_enlarges = True

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal says that it supports kitty's protocol."""
        return reply.kitty

    def prepare(self) -> None:
        """Import textual-image, which would disturb the terminal later."""
        textual_image_internals.import_quietly()

    def encoded(self, pixels: Image.Image, columns: int, rows: int, greys: int) -> KittyDrawing:
        """``pixels`` as a PNG in kitty's commands, with ``greys`` grey levels."""
        levels = [round(value * (greys - 1) / 255) for value in range(256)]
        pixels = pixels.point([round(level * 255 / (greys - 1)) for level in levels])
        number = _number(pixels, columns, rows)
        png = textual_image_internals.encode(pixels)
        pieces = [png[start : start + _CHUNK] for start in range(0, len(png), _CHUNK)]
        data = (
            _command(f"i={number},f=100,q=2,m={int(place < len(pieces))}", piece)
            for place, piece in enumerate(pieces, 1)
        )
        placement = _command(f"a=p,i={number},c={columns},r={rows},U=1,q=2")
        return KittyDrawing(columns, rows, pixels, number, (*data, placement))


def _number(pixels: Image.Image, columns: int, rows: int) -> int:
    """A number that is the same for equal pictures; the colour of the placeholders contains it."""
    digest = blake2b(pixels.tobytes(), digest_size=3, salt=f"{columns}×{rows}".encode())
    return int.from_bytes(digest.digest()) or 1


def _command(keys: str, payload: str = "") -> str:
    """A graphics command."""
    return f"\x1b_G{keys};{payload}\x1b\\" if payload else f"\x1b_G{keys}\x1b\\"
