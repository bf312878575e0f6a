"""The time from a key to the changed screen while a job runs, in a pseudo-terminal.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_key_to_screen.py
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest
from support.terminal import Terminal

PRESSES = 200


@pytest.mark.benchmark
def test_key_to_screen_while_a_job_runs(tmp_path: Path) -> None:
    terminal = Terminal(
        ["--preview", "halfcell"],
        tmp_path,
        120,
        36,
        {"XRAY_TUI_COUNT": "200", "XRAY_TUI_SEED": "1"},
    )
    try:
        terminal.wait_for("Nothing queued")
        terminal.press("g")
        terminal.wait_for("1/200", seconds=120)
        open_filter(terminal)
        seconds = [press_until_changed(terminal, grow=number % 2 == 0) for number in range(PRESSES)]
    finally:
        terminal.close()
    cuts = statistics.quantiles((1000 * value for value in seconds), n=100)
    print(f"\nkey to screen, ms: p50 {cuts[49]:.1f}  p95 {cuts[94]:.1f}  p99 {cuts[98]:.1f}")
    assert cuts[94] < 60


def open_filter(terminal: Terminal) -> None:
    terminal.press("/")
    terminal.wait_for("id, region")  # the filter is open: keys are typed into it
    terminal.press(*"qzx")
    terminal.wait_for("qzx")


def press_until_changed(terminal: Terminal, *, grow: bool) -> float:
    """Type or delete one character in the prompt filter; seconds until the change is shown."""
    while terminal.read(0.02):
        pass  # let earlier output arrive, so that the change seen below is due to this key
    start = time.perf_counter()
    terminal.press("w" if grow else "\x7f")
    for arrived, data in pieces(terminal):
        terminal.feed(data)
        if ("qzxw" in terminal.text) == grow:
            return arrived - start
    raise AssertionError(f"the key was not shown:\n{terminal.text}")


def pieces(terminal: Terminal, seconds: float = 5) -> Iterator[tuple[float, bytes]]:
    """The app's output with arrival times: the emulator is slow, so it gets the output later."""
    queue: SimpleQueue[tuple[float, bytes]] = SimpleQueue()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            data = terminal.read_raw(0.005)
            if data:
                queue.put((time.perf_counter(), data))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            with suppress(Empty):
                yield queue.get(timeout=0.05)
    finally:
        done.set()
        reader.join()
        while not queue.empty():
            terminal.feed(queue.get()[1])
