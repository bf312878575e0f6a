"""README's tour and the manual's first tasks, key by key, from an empty folder and home."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable

import pytest
from support.installation import Account
from support.terminal import CommandTerminal

from xray_tui.prompts.library import default_path
from xray_tui.tui.workbench.opening import TITLES

OpenTerminal = Callable[..., CommandTerminal]

# By default tests/e2e/test_first_image.py and the tests of each screen do this.
pytestmark = pytest.mark.slow


def rows_of(account: Account) -> list[dict[str, object]]:
    """The rows of metadata.jsonl in ./dataset."""
    lines = (account.folder / "dataset" / "metadata.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_from_the_first_image_to_the_accepted_ones(
    stranger: Account, open_terminal: OpenTerminal
) -> None:
    stranger.extra["XRAY_TUI_STEPS"] = "2"
    terminal = open_terminal(stranger, ".venv/bin/xray-tui")
    terminal.wait_for(lambda text: all(title in text for title in TITLES))
    terminal.wait_for("chest-normal-adult")
    assert not (stranger.folder / "dataset" / "chest").exists()

    terminal.press("g")  # one key from the first screen to the first image
    terminal.wait_for("1 generated", seconds=90)
    assert len(rows_of(stranger)) == 1

    terminal.press("f1")
    terminal.wait_for("What the images should show")  # the page about the focused pane
    terminal.press("escape")
    terminal.wait_for("Preview")

    terminal.press("e")  # the first edit copies the built-in library
    terminal.wait_for("Unique in the library")  # the hint of the first field
    terminal.press("2")
    terminal.wait_for("chest-normal-adult2")
    terminal.press("ctrl+s")
    terminal.wait_for("Library copied to")
    terminal.wait_for(lambda text: "Unique in the library" not in text)
    (own,) = stranger.home.rglob("prompts.toml")
    edited = tomllib.loads(own.read_text("utf-8"))["prompts"]
    shipped = tomllib.loads(default_path().read_text("utf-8"))["prompts"]
    (changed,) = (prompt["id"] for prompt in edited if prompt not in shipped)
    assert changed == "chest-normal-adult2" and len(edited) == len(shipped)

    terminal.press("space", "space")  # two prompts are marked
    terminal.press("g")
    terminal.wait_for("all 2/2")  # the finished job is not counted
    terminal.press("f2")
    terminal.wait_for("3 left")
    terminal.press("p", "x")
    terminal.wait_for(lambda text: "✓ 1" in text and "✗ 1" in text and "1 left" in text)
    terminal.press("z")
    terminal.wait_for(lambda text: "✗ 0" in text and "2 left" in text)
    terminal.press("/", *"is:accepted", "enter")
    terminal.wait_for("1/1")
    terminal.press("enter")  # the loupe
    terminal.wait_for("256×256 pixels")
    terminal.press("escape", "f2")
    terminal.wait_for("Queue")
    terminal.press("q")
    assert terminal.wait_for_end() == 0, terminal.text
    assert b"Traceback" not in terminal.raw
    assert sorted(str(row["decision"]) for row in rows_of(stranger)) == [
        "accepted",
        "undecided",
        "undecided",
    ]
    assert stranger.run("xray-tui verify").returncode == 0
