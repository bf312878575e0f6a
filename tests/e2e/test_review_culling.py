"""Culling 200 images by keyboard: decisions that the screen has shown survive kill -9."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.reviewing import Reviewer, random_keys, stored_opinions
from support.terminal import Terminal

from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.repair.verifying import verify

IMAGES = 200
KILLS, SLOW_KILLS = 1, 40

OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def review(root: Path, open_terminal: OpenTerminal) -> Terminal:
    # pictures of a few shades: the terminal emulator is slow with thousands of colours
    arguments = ["review", "D", "--reviewer", "anna", "--preview", "unicode"]
    terminal = open_terminal(arguments, root.parent)
    terminal.wait_for(f"1/{IMAGES}")
    return terminal


def kill(terminal: Terminal) -> None:
    """Kill the app with SIGKILL, then read the rest of its output."""
    terminal.process.kill(signal.SIGKILL)
    while data := terminal.read_raw(1):
        terminal.feed(data)


def press(terminal: Terminal, reviewer: Reviewer, *keys: str) -> None:
    """Press ``keys`` in the terminal and in the model ``reviewer``."""
    for key in keys:
        reviewer.press(key)
    terminal.press(*keys)


def test_all_decisions_are_found_after_a_kill(review: Terminal, root: Path) -> None:
    anna = Reviewer()
    for _ in range(5):  # faster than the screen is painted
        press(review, anna, *"xpxp3xp4xpxp", *"xpxp3xp4xpxp")
        review.wait_for(f"{anna.place}/{IMAGES}")
    review.wait_for("✓ 50 · ✗ 50 · 100 left")
    for key, shown in (
        ("5", "★5 "),
        ("z", "Undone: gave 5 stars"),
        ("z", "✓ 49 · ✗ 50 · 101 left"),
        ("Z", "✓ 50 · ✗ 50 · 100 left"),
        ("Z", "★5 "),
    ):
        press(review, anna, key)
        review.wait_for(shown)
    review.press("/", "is:rejected rating>=4", "enter")
    review.wait_for("10/10 ")
    review.press("R")
    review.wait_for("Files move to")
    review.press("nodule", "enter")
    review.wait_for("chest / nodule")
    assert "torch" not in Path(f"/proc/{review.process.pid}/maps").read_text()
    kill(review)
    assert len(anna.opinions) == 101
    assert stored_opinions(root, "anna") == anna.opinions
    assert len(list(root.glob("chest/nodule/*.png"))) == 1
    command = [sys.executable, "-m", "xray_tui", "verify", "D"]
    subprocess.run(command, cwd=root.parent, check=True, capture_output=True)


def seeds(quick: int, slow: int) -> list[object]:
    """A few seeds for every run, and many more for slow runs."""
    return [*range(quick), *(pytest.param(n, marks=pytest.mark.slow) for n in range(quick, slow))]


@pytest.mark.parametrize("seed", seeds(KILLS, SLOW_KILLS))
def test_a_kill_at_a_random_key_loses_no_decision_that_was_shown(
    review: Terminal, root: Path, seed: int
) -> None:
    draw = random.Random(seed)
    anna = Reviewer()
    keys = random_keys(draw, 15)
    keys = keys[: draw.randint(3, len(keys))]
    places, states, seen = [anna.place], [anna.opinions], 0
    for number, key in enumerate(keys, 1):
        press(review, anna, key)
        is_new = anna.place not in places[seen:]
        places.append(anna.place)
        states.append(anna.opinions)
        if is_new and draw.random() < 0.5:
            review.wait_for(f" {anna.place}/{IMAGES} ")
            seen = number
    time.sleep(draw.uniform(0, 0.05))
    kill(review)
    seen = places.index(place(review.text), seen)
    found = stored_opinions(root, "anna")
    assert found in states[seen:], f"the screen had shown {seen} of {keys}"
    print(f"\n{len(keys)} keys, {seen} shown, {states[::-1].index(found)} lost")
    assert not verify(root, lambda *_: None).findings.problems


def place(text: str) -> int:
    """The position of the cursor on the screen."""
    return int(re.findall(rf"(\d+)/{IMAGES} ", text)[-1])


@pytest.mark.parametrize("seed", seeds(1, SLOW_KILLS))
def test_a_kill_during_relabelling_leaves_the_image_in_one_place(
    review: Terminal, root: Path, seed: int
) -> None:
    review.press("5", "p", "left", "R")
    review.wait_for("Files move to")
    review.press("nodule", "enter")
    moved = root / "chest" / "nodule"
    while seed % 2 == 0 and not (moved.exists() and any(moved.iterdir())):
        review.read(0.001)
    time.sleep(random.Random(seed).uniform(0, 0.01))
    kill(review)
    assert stored_opinions(root, "anna") == {1: Opinion("accepted", 5)}
    assert len(list(root.glob("*/*/*.png"))) == IMAGES
    assert not verify(root, lambda *_: None).findings.problems
    if "chest / nodule" in review.text:
        assert len(list(moved.iterdir())) == 1
