"""How long the app in a terminal takes to answer, by when its bytes arrive.

They are not shown on the emulated screen, which would take longer than the app does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from support.terminal import Terminal

QUIET = 0.08
"""Seconds without a byte after which nothing more is painted."""

_PATIENCE = 30.0
_SIXEL = "\x1bP0;1;0q"

Seen = Callable[[bytes], bool]
"""Whether what was waited for is among these bytes."""


class Answer(NamedTuple):
    """What came after a key."""

    seen: float
    """Seconds until what was waited for had arrived."""
    painted: float
    """Seconds until the last byte of the painting."""
    data: bytes


def press(terminal: Terminal, key: str, is_seen: Seen, quiet: float = QUIET) -> Answer:
    """Press ``key`` and wait for all of the answer, ``is_seen`` and what comes with it."""
    while terminal.read_raw(0.02):
        pass  # what is under way is no answer to this key
    start = time.perf_counter()
    terminal.press(key)
    return wait(terminal, start, is_seen, quiet)


def wait(terminal: Terminal, start: float, is_seen: Seen, quiet: float = QUIET) -> Answer:
    """Wait for all of a painting, in seconds since ``start``."""
    data, seen, last = b"", 0.0, start
    while (now := time.perf_counter()) - start < _PATIENCE:
        piece = terminal.read_raw(0.01)
        if piece:
            data, last = data + piece, time.perf_counter()
            if not seen and is_seen(data):
                seen = last
        elif seen and now - last > quiet:
            return Answer(seen - start, last - start, data)
    terminal.feed(data)
    raise AssertionError(f"it did not come in {_PATIENCE} s; the screen:\n{terminal.text}")


def holds(*texts: str) -> Seen:
    """Each of ``texts``, which are painted in one piece."""
    return lambda data: all(text.encode() in data for text in texts)


def both(one: Seen, other: Seen) -> Seen:
    """One and the other."""
    return lambda data: one(data) and other(data)


def open_loupe(terminal: Terminal, mode: str) -> Seen:
    """Open the loupe in the review; returns what tells that all of a picture is there."""
    if mode == "sixel":
        press(terminal, "enter", holds(_SIXEL))
        return lambda data: b"\x1b\\" in data.partition(_SIXEL.encode())[2]
    cells = 0

    def count(data: bytes) -> bool:
        nonlocal cells
        cells = data.count("▀".encode())
        return b"pixels" in data and cells > 0

    press(terminal, "enter", count)
    return lambda data: data.count("▀".encode()) >= cells


def told(name: str, seconds: Sequence[float]) -> float:
    """Print how long something took, and return the milliseconds of the 95th percentile."""
    cuts = statistics.quantiles((1000 * value for value in seconds), n=100, method="inclusive")
    print(
        f"\n{name}, ms: p50 {cuts[49]:.1f}  p95 {cuts[94]:.1f}  p99 {cuts[98]:.1f}"
        f"  worst {1000 * max(seconds):.1f}, of {len(seconds)}"
    )
    return cuts[94]
