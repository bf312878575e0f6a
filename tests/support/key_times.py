"""Measures how long the app in a terminal takes to respond, by the arrival of its bytes.

Only cells that change are sent, so a text on the screen need not be among the bytes. The pieces of
the output are put on the emulated screen after their times are taken: emulating takes longer than
the app does.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from support.terminal import Terminal

QUIET = 0.08
"""Seconds without a byte after which the painting is considered complete."""

_TIMEOUT = 30.0
SIXEL = b"\x1bP0;1;0q"
_PICTURE = re.compile(rb"\x1bP.*?\x1b\\", re.DOTALL)  # the emulated screen knows none
_BEGUN = re.compile(rb"(\x1b(P.*)?)?\Z", re.DOTALL)  # a picture, perhaps, whose end is to come


class Output(NamedTuple):
    """What a key has caused up to a moment."""

    data: bytes
    """All bytes."""
    text: str
    """The text on the screen then."""


Condition = Callable[[Output], bool]
"""Whether the expected output has arrived."""


class Response(NamedTuple):
    """The output after a key."""

    seen: float
    """Seconds until the condition held."""
    painted: float
    """Seconds until the last byte arrived."""
    data: bytes


def press(terminal: Terminal, key: str, condition: Condition, quiet: float = QUIET) -> Response:
    """Press ``key``, and wait until ``condition`` holds and the painting is complete."""
    while late := terminal.read_raw(0.02):
        terminal.feed(_PICTURE.sub(b"", late))  # output under way does not belong to this key
    start = time.perf_counter()
    terminal.press(key)
    return wait(terminal, start, condition, quiet)


def wait(terminal: Terminal, start: float, condition: Condition, quiet: float = QUIET) -> Response:
    """Wait as :func:`press` does, with times in seconds since ``start``."""
    data, hidden, seen, last = b"", b"", 0.0, start
    while last - start < _TIMEOUT:
        pieces = _pieces(terminal, quiet, start + _TIMEOUT)
        if not pieces:
            break
        for moment, piece in pieces:
            data, last = data + piece, moment
            shown = _PICTURE.sub(b"", hidden + piece)
            hidden = _BEGUN.search(shown)[0]
            terminal.feed(shown.removesuffix(hidden))
            if not seen and condition(Output(data, terminal.text)):
                seen = moment
        if seen:
            return Response(seen - start, last - start, data)
    raise AssertionError(f"no such output in {_TIMEOUT} s; the screen:\n{terminal.text}")


def _pieces(terminal: Terminal, quiet: float, end: float) -> list[tuple[float, bytes]]:
    """The next pieces of output up to ``quiet`` seconds of silence, with the times they came."""
    pieces: list[tuple[float, bytes]] = []
    while (now := time.perf_counter()) < end:
        if piece := terminal.read_raw(0.01):
            pieces.append((time.perf_counter(), piece))
        elif pieces and now - pieces[-1][0] > quiet:
            break
    return pieces


def holds(*texts: str) -> Condition:
    """All of ``texts`` are on the screen."""
    return lambda output: all(text in output.text for text in texts)


def anything(output: Output) -> bool:
    """Something has arrived."""
    return bool(output.data)


def both(one: Condition, other: Condition) -> Condition:
    """Both conditions hold."""
    return lambda output: one(output) and other(output)


def open_loupe(terminal: Terminal, mode: str) -> Condition:
    """Open the loupe in the review; returns the condition that another picture has arrived."""
    if mode == "sixel":
        press(terminal, "enter", lambda output: SIXEL in output.data)
        return lambda output: b"\x1b\\" in output.data.partition(SIXEL)[2]

    def has_cells(output: Output) -> bool:
        return "▀".encode() in output.data  # those that differ; all are sent in one frame

    press(terminal, "enter", both(has_cells, holds("pixels")))
    return has_cells


def report(name: str, seconds: Sequence[float]) -> float:
    """Print how long something took; returns the 95th percentile in milliseconds."""
    cuts = statistics.quantiles((1000 * value for value in seconds), n=100, method="inclusive")
    print(
        f"\n{name}, ms: p50 {cuts[49]:.1f}  p95 {cuts[94]:.1f}  p99 {cuts[98]:.1f}"
        f"  worst {1000 * max(seconds):.1f}, of {len(seconds)}"
    )
    return cuts[94]
