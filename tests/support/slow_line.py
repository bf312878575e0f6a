"""A slow line between the app and its terminal: a throughput, a delay, and a buffer in between."""

from __future__ import annotations

import os
import re
import select
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import pyte
from support.answering_terminal import AnsweringTerminal, answers
from support.key_bytes import key_bytes

RATE, DELAY = 64_000, 0.2
"""Bytes per second to the terminal; seconds each way."""
_TICK = 0.002
_SIXEL = re.compile(rb'\x1bP0;1;0q"1;1;\d+;(\d+)[^\x1b]*\x1b\\')


class SlowTerminal(AnsweringTerminal):
    """A terminal of 120×36 at the end of a slow line; ``arrived`` has what came, with its times."""

    def __init__(
        self, arguments: list[str], folder: Path, buffer: int = 64_000, **options: Any
    ) -> None:
        self.arrived: list[tuple[float, bytes]] = []
        self._buffer_size = buffer
        self._keys: deque[tuple[float, bytes]] = deque()
        self._ended = threading.Event()
        self.started = time.monotonic()
        super().__init__(arguments, folder, **options)
        self._relay = threading.Thread(target=self._pass_on)
        self._relay.start()

    def type(self, key: str) -> float:
        """Press a key; returns the time."""
        now = time.monotonic()
        self._keys.append((now + DELAY, key_bytes(key)))
        return now

    def close(self) -> None:
        self._ended.set()
        self._relay.join()
        super().close()

    def quiet(self, seconds: float = 1.5, most: float = 60) -> float:
        """Wait until something and then nothing has arrived for this time.

        Returns when the last bytes arrived.
        """
        start, before = time.monotonic(), len(self.arrived)
        while (now := time.monotonic()) < start + most:
            if len(self.arrived) > before and now - self.arrived[-1][0] > seconds:
                return self.arrived[-1][0]
            time.sleep(0.02)
        raise AssertionError("the line is never quiet")

    def coarse_pictures(self) -> list[float]:
        """When coarse pictures arrived: whole Sixels, or characters in 24 greys."""
        ends: list[tuple[int, float]] = []
        greys: list[float] = []
        sent = b""
        for when, data in self.arrived:
            known, sent = len(sent), sent + data
            for match in _SIXEL.finditer(sent, max(0, known - 200_000)):
                if match.end() > known:
                    ends.append((int(match[1]), when))
            if b"8;5;" in data:
                greys.append(when)
        most = max((height for height, _ in ends), default=0)
        return greys or [when for height, when in ends if height == most]

    def _pass_on(self) -> None:
        file = self.process.child_fd
        waiting, credit, last = bytearray(), 0.0, time.monotonic()
        on_the_way: deque[tuple[float, bytes]] = deque()
        answered: deque[tuple[float, bytes]] = deque()
        while not self._ended.is_set():
            free = self._buffer_size - len(waiting)
            if free > 0 and select.select([file], [], [], _TICK)[0]:
                try:
                    waiting += os.read(file, min(free, 1 << 16))
                except OSError:
                    return
            elif free <= 0:
                time.sleep(_TICK)
            now = time.monotonic()
            credit, last = min(credit + RATE * (now - last), RATE / 50), now
            if waiting and credit >= 1:
                data = bytes(waiting[: int(credit)])
                credit -= len(data)
                del waiting[: len(data)]
                on_the_way.append((now + DELAY, data))
            if not waiting:
                credit = 0.0
            while on_the_way and on_the_way[0][0] <= now:
                data = on_the_way.popleft()[1]
                recent = b"".join(piece for _, piece in self.arrived[-1:])[-8:]
                self.arrived.append((now, data))
                if reply := answers(recent + data)[len(answers(recent)) :]:
                    answered.append((now + DELAY, reply))
            for queue in (self._keys, answered):
                while queue and queue[0][0] <= now:
                    os.write(file, queue.popleft()[1])


class Replay:
    """Shows what arrived on an emulated screen, without pictures, up to some time."""

    def __init__(self, terminal: SlowTerminal) -> None:
        self._arrived = iter(list(terminal.arrived))
        self._screen = pyte.Screen(terminal.columns, terminal.rows)
        self._stream = pyte.ByteStream(self._screen)
        self._rest = b""

    def footers(self) -> list[tuple[float, str]]:
        """When the last row of the screen changed, and to what: it has the focused pane's keys."""
        found: list[tuple[float, str]] = []
        for when, data in self._arrived:
            self._stream.feed(self._texts(data))
            footer = self._screen.display[-1]
            if not found or footer != found[-1][1]:
                found.append((when, footer))
        return found

    def _texts(self, data: bytes) -> bytes:
        """``data`` without pictures, which the emulated screen does not know."""
        data, self._rest = self._rest + data, b""
        texts = b""
        while data:
            start = min(
                (at for at in (data.find(b"\x1bP"), data.find(b"\x1b_")) if at >= 0), default=-1
            )
            if start < 0:
                if data.endswith(b"\x1b"):
                    data, self._rest = data[:-1], b"\x1b"
                return texts + data
            texts += data[:start]
            end = data.find(b"\x1b\\", start + 2)
            if end < 0:
                self._rest = data[start:]
                return texts
            data = data[end + 2 :]
        return texts
