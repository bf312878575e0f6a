"""Two apps on one dataset: the first generates, the second shows and changes its queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.terminal import Terminal

ENVIRONMENT = {"XRAY_TUI_STEPS": "8", "XRAY_TUI_SEED": "7", "XRAY_TUI_COUNT": "200"}
BACKSPACE = "\x7f"


@pytest.mark.slow
def test_the_second_app_follows_pauses_cancels_and_queues(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    first = open_terminal([], tmp_path, environment=ENVIRONMENT)
    first.wait_for("Nothing queued")
    first.press("g")
    first.wait_for("s per image", seconds=120)

    second = open_terminal([], tmp_path, environment={**ENVIRONMENT, "XRAY_TUI_COUNT": "1"})
    second.wait_for("s per image", seconds=60)  # the progress of the other process
    tab_to(second, "Reset", "Browse", "Pause all")
    second.press("P")  # pauses the whole queue
    first.wait_for("P to resume", seconds=30)
    second.press("P")
    first.wait_for(lambda text: "P to resume" not in text, seconds=30)
    second.press(BACKSPACE)
    for terminal in (first, second):
        terminal.wait_for("cancelled", seconds=30)

    tab_to(second, "Newest", "Mark")
    second.press("down")
    second.wait_for("chest-normal-child")
    second.press("g")  # another prompt, one image
    for terminal in (first, second):
        terminal.wait_for("1/1", seconds=60)
    for terminal in (second, first):
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    assert len(list((tmp_path / "dataset").glob("*/normal/chest-normal-child*.png"))) == 1


def tab_to(terminal: Terminal, *keys: str) -> None:
    """Go from pane to pane; each pane is recognised by a key in its footer."""
    for key in keys:
        terminal.press("tab")
        terminal.wait_for(key)
