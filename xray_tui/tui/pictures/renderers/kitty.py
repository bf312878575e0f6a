"""Kitty's graphics protocol with placeholder characters: kitty, Ghostty.

The picture goes into the terminal's memory, and the placeholder characters stand for it. Both go
through Textual's driver: textual-image itself writes to stdout at once, possibly in the middle of
the output of Textual's writer thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image
from textual.geometry import Offset
from textual.strip import Strip

from xray_tui.tui.pictures.renderers import textual_image_internals
from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.graphics import Graphics
from xray_tui.tui.pictures.terminal_query import TerminalReply

_CHUNK = 4096
_PLACEHOLDER_BYTES = 10


@dataclass(frozen=True, eq=False)
class KittyDrawing(Drawing):
    """A picture in the terminal's memory, and the placeholder characters that stand for it."""

    placeholders: list[Strip]
    store_commands: str
    delete_command: str

    @property
    def has_graphics(self) -> bool:
        """True."""
        return True

    @property
    def transmission(self) -> str:
        """The commands that put the picture into the terminal's memory."""
        return self.store_commands

    @property
    def removal(self) -> str:
        """The command that removes the picture from the terminal's memory."""
        return self.delete_command

    @property
    def transfer_bytes(self) -> int:
        """The length of the transmission and of the placeholders."""
        return len(self.store_commands) + self.columns * self.rows * _PLACEHOLDER_BYTES

    def graphics(self, corner: Offset) -> list[Strip]:
        """The placeholders, which are the same at every place of the screen."""
        return self.placeholders


class Kitty(Graphics):
    """Draws in the terminal's own pixels, by kitty's graphics protocol."""

    name = "kitty"

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal says that it supports kitty's protocol."""
        return reply.kitty

    def prepare(self) -> None:
        """Import textual-image, which would disturb the terminal later."""
        textual_image_internals.import_quietly()

    def encoded(self, pixels: Image.Image, in_characters: Drawing, greys: int) -> Drawing:
        """``pixels`` as a PNG in kitty's commands, in all greys, with its placeholders."""
        columns, rows, strips = in_characters.columns, in_characters.rows, in_characters.strips
        image = textual_image_internals.encode(pixels, columns, rows)
        pieces = [image.png[start : start + _CHUNK] for start in range(0, len(image.png), _CHUNK)]
        data = "".join(
            _command(f"i={image.number},f=100,q=2,m={int(place < len(pieces))}", piece)
            for place, piece in enumerate(pieces, 1)
        )
        placement = _command(f"a=p,i={image.number},c={columns},r={rows},U=1,q=2")
        return KittyDrawing(
            columns,
            rows,
            strips,
            placeholders=[Strip([segment], columns) for segment in image.placeholders],
            store_commands=data + placement,
            delete_command=_command(f"a=d,d=I,i={image.number},q=2"),
        )


def _command(keys: str, payload: str = "") -> str:
    """A graphics command."""
    return f"\x1b_G{keys};{payload}\x1b\\" if payload else f"\x1b_G{keys}\x1b\\"
