"""Kitty's graphics protocol with placeholder characters: kitty, Ghostty; also through tmux.

The picture goes into the terminal's memory, and the placeholder characters stand for it. Both go
through Textual's driver: textual-image itself writes to stdout at once, possibly in the middle of
the output of Textual's writer thread.

tmux passes the picture on to the terminal, and treats the placeholders as text, so the picture goes
with its window. It may show 256 colours only, so there the number of a picture is not a colour of
24 bits: a placeholder has 8 bits as one of 256 colours, and 8 more in a third mark.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import count

from PIL import Image
from textual.geometry import Offset, Region

from xray_tui.multiplexer import through_tmux
from xray_tui.tui.output.pen import move_to
from xray_tui.tui.pictures.renderers import textual_image_internals
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing, Graphics
from xray_tui.tui.pictures.terminal_query import TerminalReply

_CHUNK = 4096
_PLACEHOLDER_BYTES = 8
_OUTSIDE, _IN_TMUX = range(1, 1 << 24), range(256 * 240)
"""The numbers that placeholders can contain: in 24 bits of colour, or in a mark and 240 colours."""
_NUMBERED = 4096
"""Pictures that keep their numbers; the terminal has fewer at a time."""


@dataclass(frozen=True, eq=False)
class KittyDrawing(GraphicDrawing):
    """A picture in the terminal's memory, and the placeholder characters that stand for it."""

    number: int
    """Its number in the terminal."""
    commands: tuple[str, ...]
    in_tmux: bool

    @property
    def transmission(self) -> Sequence[str]:
        """The commands that put the picture into the terminal's memory."""
        return [self._passed(command) for command in self.commands]

    @property
    def abortion(self) -> str:
        """The end of the data before it is complete."""
        return self._passed(_command("m=0,q=2"))

    @property
    def removal(self) -> str:
        """The command that removes the picture from the terminal's memory."""
        return self._passed(_command(f"a=d,d=I,i={self.number},q=2"))

    @property
    def part_bytes(self) -> int:
        """The length of all placeholders."""
        return self.columns * self.rows * _PLACEHOLDER_BYTES

    def part(self, area: Region, corner: Offset) -> str:
        """The placeholders of these cells, row by row."""
        high, red, green, blue = self.number.to_bytes(4)
        colour = f"5;{blue}" if self.in_tmux else f"2;{red};{green};{blue}"
        rows = [
            move_to(corner + Offset(area.x, y))
            + "".join(
                textual_image_internals.placeholder(x, y, high) for x in range(area.x, area.right)
            )
            for y in range(area.y, area.bottom)
        ]
        return f"\x1b[38;{colour}m{''.join(rows)}\x1b[m"

    def _passed(self, command: str) -> str:
        return through_tmux(command) if self.in_tmux else command


class Kitty(Graphics):
    """Draws in the terminal's own pixels, by kitty's graphics protocol."""

    name = "kitty"
    title = "kitty graphics"
    terminal_enlarges = True

    def __init__(self, *, in_tmux: bool = False) -> None:
        self._in_tmux = in_tmux

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal says that it supports kitty's protocol."""
        return reply.kitty

    def remedy(self, reply: TerminalReply) -> str:
        """The line for tmux, if it passes nothing on."""
        if reply.passed_on:
            return ""
        return (
            "For kitty graphics in tmux, add this line to ~/.tmux.conf, run"
            " tmux source-file ~/.tmux.conf, and start again: set -g allow-passthrough on. "
        )

    def prepare(self) -> None:
        """Import textual-image, which would disturb the terminal later."""
        textual_image_internals.import_quietly()

    def encoded(self, pixels: Image.Image, columns: int, rows: int, greys: int) -> KittyDrawing:
        """``pixels`` as a PNG in kitty's commands, with ``greys`` grey levels."""
        levels = [round(value * (greys - 1) / 255) for value in range(256)]
        pixels = pixels.point([round(level * 255 / (greys - 1)) for level in levels])
        number = _number(pixels, columns, rows, in_tmux=self._in_tmux)
        png = textual_image_internals.encode(pixels)
        pieces = [png[start : start + _CHUNK] for start in range(0, len(png), _CHUNK)]
        data = (
            _command(f"i={number},f=100,q=2,m={int(place < len(pieces))}", piece)
            for place, piece in enumerate(pieces, 1)
        )
        placement = _command(f"a=p,i={number},c={columns},r={rows},U=1,q=2")
        return KittyDrawing(columns, rows, pixels, number, (*data, placement), self._in_tmux)


class _Numbers:
    """Gives pictures numbers. Equal pictures have the same, and no two of the last ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given: OrderedDict[bytes, int] = OrderedDict()
        self._taken: set[int] = set()

    def of(self, digest: bytes, numbers: range) -> int:
        """A number among ``numbers``, by the digest as long as that is not taken."""
        with self._lock:
            if digest not in self._given:
                start = int.from_bytes(digest)
                tries = (numbers[(start + step) % len(numbers)] for step in count())
                self._given[digest] = next(one for one in tries if one not in self._taken)
                self._taken.add(self._given[digest])
                if len(self._given) > _NUMBERED:
                    self._taken.discard(self._given.popitem(last=False)[1])
            self._given.move_to_end(digest)
            return self._given[digest]


_numbers = _Numbers()


def _number(pixels: Image.Image, columns: int, rows: int, *, in_tmux: bool) -> int:
    """A number that is the same for equal pictures; the placeholders contain it.

    In tmux it differs between processes: they share a terminal, and each of them removes its own
    pictures.
    """
    process = f"{os.getpid()}".encode() if in_tmux else b""
    salt = f"{columns}×{rows}".encode()
    digest = blake2b(pixels.tobytes(), digest_size=16, salt=salt, person=process).digest()
    number = _numbers.of(digest, _IN_TMUX if in_tmux else _OUTSIDE)
    if in_tmux:  # the first 16 colours may be replaced by others on the way
        return number // 240 << 24 | 16 + number % 240
    return number


def _command(keys: str, payload: str = "") -> str:
    """A graphics command."""
    return f"\x1b_G{keys};{payload}\x1b\\" if payload else f"\x1b_G{keys}\x1b\\"
