"""A line of 64 kB/s with 200 ms each way: keys never wait for pictures, nor for each other.

The slow tests have the limits that are promised, and need a machine that has nothing else to do.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.slow_line import DELAY, Replay, SlowTerminal

IMAGES = 60
BUFFERS = [64_000, 1_000_000]

Open = Callable[..., SlowTerminal]


@pytest.fixture
def open_slow(root: Path) -> Iterator[Open]:
    opened: list[SlowTerminal] = []

    def start(mode: str = "sixel", buffer: int = 64_000, *arguments: str) -> SlowTerminal:
        command = [*(arguments or ("--dataset", "D")), "--preview", mode]
        opened.append(SlowTerminal(command, root.parent, buffer))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def tab_seconds(terminal: SlowTerminal, number: int, pause: float = 0.0) -> list[float]:
    """Seconds from a Tab to the footer of the next pane, each after the one before is shown."""
    times = []
    for _ in range(number):
        times.append(terminal.type("tab"))
        time.sleep(1.5)
    changes = [when for when, _ in Replay(terminal).footers()]
    return [min(when for when in changes if when > at) - at for at in times]


def behind(terminal: SlowTerminal, key: str, number: int) -> float:
    """Seconds from the last of many keys until all is there, though perhaps coarse."""
    for _ in range(number):
        last = terminal.type(key)
        time.sleep(0.1)
    end = terminal.quiet()
    whole = [when for when in terminal.coarse_pictures() if when > last]
    print(f"{key}: all there {end - last:.2f} s after the last key")
    return max(whole, default=end) - last


def test_keys_come_through_a_slow_line(open_slow: Open) -> None:
    """The limits are wide: other processes slow this one down."""
    terminal = open_slow("sixel", 1_000_000)
    terminal.quiet(2.5)
    seconds = tab_seconds(terminal, 3)
    late = behind(terminal, "tab", 15)
    print(f"Tab: {seconds}, behind: {late}")
    assert 2 * DELAY < statistics.median(seconds) < 1.5
    assert late < 3


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["halfcell", "sixel", "kitty"])
def test_the_start_and_a_tab_at_rest(open_slow: Open, mode: str) -> None:
    terminal = open_slow(mode)
    start = terminal.quiet(2.5) - terminal.started
    seconds = sorted(tab_seconds(terminal, 20))
    print(f"{mode}: start {start:.2f} s, Tab {seconds[10]:.2f} s, p95 {seconds[18]:.2f} s")
    assert start < 3
    assert seconds[18] < 0.6


@pytest.mark.slow
@pytest.mark.parametrize("buffer", BUFFERS)
@pytest.mark.parametrize("mode", ["halfcell", "sixel", "kitty"])
def test_keys_at_ten_a_second(open_slow: Open, mode: str, buffer: int) -> None:
    terminal = open_slow(mode, buffer)
    terminal.quiet(2.5)
    tabs = behind(terminal, "tab", 50)
    terminal.type("f2")
    terminal.quiet(2.5)
    terminal.type("enter")
    terminal.quiet(2.5)
    images = behind(terminal, "right", 50)
    print(f"{mode}, buffer {buffer}: behind 50 Tabs {tabs:.2f} s, 50 images {images:.2f} s")
    assert tabs < 1.5
    assert images < 1.5


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["halfcell", "sixel", "kitty"])
def test_a_tab_while_previews_stream(open_slow: Open, mode: str) -> None:
    terminal = open_slow(mode)
    terminal.quiet(2.5)
    terminal.type("g")
    time.sleep(30)
    seconds = sorted(tab_seconds(terminal, 20))
    print(f"{mode}: Tab while previews stream {seconds[10]:.2f} s, p95 {seconds[18]:.2f} s")
    assert seconds[18] < 0.9
