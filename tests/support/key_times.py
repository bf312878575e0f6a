"""Measures how long the app in a terminal takes to respond, by the arrival of its bytes.

The bytes are not shown on the emulated screen, because that takes longer than the app does.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from support.terminal import Terminal

QUIET = 0.08
"""Seconds without a byte after which the painting is considered complete."""

_TIMEOUT = 30.0
_SIXEL = "\x1bP0;1;0q"

Condition = Callable[[bytes], bool]
"""Whether the expected output is among these bytes."""


class Response(NamedTuple):
    """The output after a key."""

    seen: float
    """Seconds until the condition held."""
    painted: float
    """Seconds until the last byte arrived."""
    data: bytes


def press(terminal: Terminal, key: str, condition: Condition, quiet: float = QUIET) -> Response:
    """Press ``key``, and wait until ``condition`` holds and the painting is complete."""
    while terminal.read_raw(0.02):
        pass  # output that is under way does not belong to this key
    start = time.perf_counter()
    terminal.press(key)
    return wait(terminal, start, condition, quiet)


def wait(terminal: Terminal, start: float, condition: Condition, quiet: float = QUIET) -> Response:
    """Wait as :func:`press` does, with times in seconds since ``start``."""
    data, seen, last = b"", 0.0, start
    while (now := time.perf_counter()) - start < _TIMEOUT:
        piece = terminal.read_raw(0.01)
        if piece:
            data, last = data + piece, time.perf_counter()
            if not seen and condition(data):
                seen = last
        elif seen and now - last > quiet:
            return Response(seen - start, last - start, data)
    terminal.feed(data)
    raise AssertionError(f"no such output in {_TIMEOUT} s; the screen:\n{terminal.text}")


def holds(*texts: str) -> Condition:
    """All of ``texts`` are among the bytes."""
    return lambda data: all(text.encode() in data for text in texts)


def both(one: Condition, other: Condition) -> Condition:
    """Both conditions hold."""
    return lambda data: one(data) and other(data)


def open_loupe(terminal: Terminal, mode: str) -> Condition:
    """Open the loupe in the review; returns the condition that a whole picture has arrived."""
    if mode == "sixel":
        press(terminal, "enter", holds(_SIXEL))
        return lambda data: b"\x1b\\" in data.partition(_SIXEL.encode())[2]
    cells = 0

    def count(data: bytes) -> bool:
        nonlocal cells
        cells = data.count("▀".encode())
        return b"pixels" in data and cells > 0

    press(terminal, "enter", count)
    return lambda data: data.count("▀".encode()) >= cells // 4  # cells that are the same stay


def report(name: str, seconds: Sequence[float]) -> float:
    """Print how long something took; returns the 95th percentile in milliseconds."""
    cuts = statistics.quantiles((1000 * value for value in seconds), n=100, method="inclusive")
    print(
        f"\n{name}, ms: p50 {cuts[49]:.1f}  p95 {cuts[94]:.1f}  p99 {cuts[98]:.1f}"
        f"  worst {1000 * max(seconds):.1f}, of {len(seconds)}"
    )
    return cuts[94]
