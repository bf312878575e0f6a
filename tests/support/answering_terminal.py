"""A terminal that answers the app's questions, knows its size in pixels, and counts bytes."""

from __future__ import annotations

import fcntl
import re
import struct
import termios
import time
from pathlib import Path
from typing import Any

from support.key_bytes import key_bytes
from support.terminal import Terminal
from textual.geometry import Region

CELL = (6, 13)
"""Width and height of a cell in pixels, as in xterm with its default font."""
ANSWERS = {
    b"\x1b[c": b"\x1b[?62;4c",
    b"\x1b[16t": b"\x1b[6;%d;%dt" % (CELL[1], CELL[0]),
    b"\x1b[5n": b"\x1b[0n",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
}
_QUESTION = re.compile(b"|".join(map(re.escape, ANSWERS)))
_PICTURE = re.compile(
    rb"\x1bP0;1;0q.*?\x1b\\|\x1b\]1337;File=.*?\x07|(?:\x1b_Gi=\d+,f=100.*?\x1b\\)+", re.DOTALL
)

_FRAME = re.compile(rb"\x1b\[\?2026h(.*?)\x1b\[\?2026l", re.DOTALL)
_SIXEL_PLACE = re.compile(rb'\x1b\[(\d+);(\d+)H\x1bP0;1;0q"1;1;(\d+);(\d+)')


def answers(sent: bytes) -> bytes:
    """What a terminal with Sixel replies to what it was sent."""
    return b"".join(ANSWERS[question] for question in _QUESTION.findall(sent))


def pictures(sent: bytes) -> list[bytes]:
    """The Sixel sequences, and the pictures of iTerm2's and kitty's protocols."""
    return _PICTURE.findall(sent)


def frames(sent: bytes) -> list[bytes]:
    """What was sent to appear at the same time."""
    return _FRAME.findall(sent)


def sixel_areas(sent: bytes) -> list[Region]:
    """The cells of the screen that Sixel sequences were sent for."""
    found = (map(int, numbers) for numbers in _SIXEL_PLACE.findall(sent))
    return [
        Region(x - 1, y - 1, width // CELL[0], height // CELL[1]) for y, x, width, height in found
    ]


class AnsweringTerminal(Terminal):
    """Runs the app in a terminal of 120×36 cells, and collects what it sends after each key."""

    def __init__(self, arguments: list[str], folder: Path, **options: Any) -> None:
        super().__init__(arguments, folder, **options)
        self.resize(self.columns, self.rows)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, and the app the size in pixels as well."""
        self._screen.resize(rows, columns)
        size = struct.pack("HHHH", rows, columns, columns * CELL[0], rows * CELL[1])
        fcntl.ioctl(self.process.child_fd, termios.TIOCSWINSZ, size)

    def read_raw(self, seconds: float) -> bytes:
        """Read, and answer questions that are not cut in two."""
        data = super().read_raw(seconds)
        if reply := answers(data):
            self.process.send(reply)
        return data

    def rest(self, quiet: float) -> None:
        """Wait for ``quiet`` seconds in which nothing arrives."""
        last = time.monotonic()
        while time.monotonic() - last < quiet:
            if data := self.read_raw(0.05):
                self.feed(_PICTURE.sub(b"", data))
                last = time.monotonic()

    def settle(self, until: str = "", quiet: float = 0.6, most: float = 20) -> bytes:
        """What arrives, something at least, up to a silence in which the screen shows ``until``.

        Raises:
            AssertionError: not in ``most`` seconds; the message contains the screen.
        """
        sent, pending, last = b"", b"", time.monotonic()
        end = last + most
        while time.monotonic() < end:
            if data := self.read_raw(0.05):
                pending, last = pending + data, time.monotonic()
            elif time.monotonic() - last > quiet:
                self.feed(_PICTURE.sub(b"", pending))  # pyte knows no pictures
                sent, pending = sent + pending, b""
                if sent and until in self.text:
                    return sent
                last = time.monotonic()
        raise AssertionError(f"no {until!r} and silence in {most} s:\n{self.text}")

    def sent_for(self, key: str, until: str = "") -> bytes:
        """What arrives after a key, which makes the app send ``until``."""
        self.process.send(key_bytes(key))
        return self.settle(until)
