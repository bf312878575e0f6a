"""The time from a key to the changed screen in the review while a job runs.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_review_while_generating.py
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.key_times import holds, open_loupe, press, report, wait
from support.review_datasets import save_images
from support.terminal import Terminal

pytestmark = pytest.mark.benchmark

IMAGES, PRESSES = 120, 100
LIMIT = 80


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Terminal]:
    """The review, opened in the app while it generates."""
    save_images(tmp_path / "dataset", IMAGES, 256)
    environment = {"XRAY_TUI_COUNT": "200", "XRAY_TUI_SEED": "1"}
    terminal = Terminal(["--preview", "halfcell"], tmp_path, 120, 36, environment)
    try:
        terminal.wait_for("Nothing queued")
        terminal.press("g")
        terminal.wait_for("step 2 of", seconds=120)
        terminal.press("\x1bOQ")
        wait(terminal, time.perf_counter(), holds(place(1), "█", "▀"))
        yield terminal
    finally:
        terminal.close()


def test_key_to_screen_in_the_review_while_a_job_runs(review: Terminal) -> None:
    grid = [
        press(review, "p" if number % 2 else "right", holds(place(number))).seen
        for number in range(2, PRESSES + 2)
    ]
    another = open_loupe(review, "halfcell")
    loupe = [press(review, "left", another).seen for _ in range(PRESSES)]
    report("grid", grid)
    report("loupe", loupe)
    assert report("both", grid + loupe) < LIMIT


def place(number: int) -> str:
    """The place in the status line: ``7/121``, or ``7/122`` once a second image is generated."""
    return f"{number}/12"
