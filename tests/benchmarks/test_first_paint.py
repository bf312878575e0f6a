"""From the command to the first painted screen, in a pseudo-terminal.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_first_paint.py
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from support.terminal import Terminal

RUNS = 5


@pytest.mark.benchmark
def test_first_paint_within_800_ms(tmp_path: Path) -> None:
    best = min(seconds_to_first_paint(tmp_path) for _ in range(RUNS))
    print(f"\nfirst paint, best of {RUNS}: {best:.2f} s")
    assert best < 0.8


def seconds_to_first_paint(folder: Path) -> float:
    start = time.perf_counter()
    terminal = Terminal(["--preview", "halfcell"], folder)
    try:
        terminal.wait_for("Prompts")
        return time.perf_counter() - start
    finally:
        terminal.close()
