"""A new user opens the app, presses one key, sees an image, finds it on disk, and quits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.terminal import Terminal

from xray_tui.tui.workbench.opening import TITLES

TITLE = "xray-tui · dataset"
QUICK = {"XRAY_TUI_STEPS": "4", "XRAY_TUI_SEED": "7"}
SMALL = {
    "XRAY_TUI_COUNT": "60",
    "XRAY_TUI_BATCH_SIZE": "1",
    "XRAY_TUI_WIDTH": "64",
    "XRAY_TUI_HEIGHT": "64",
}

OpenTerminal = Callable[..., Terminal]


def open_and_generate(terminal: Terminal) -> None:
    """Wait for the panes, press g, and wait for the first image."""
    terminal.wait_for(lambda text: all(title in text for title in TITLES))
    terminal.press("g")
    terminal.wait_for(lambda text: "I Saved" in text, seconds=90)


def assert_dataset(folder: Path) -> int:
    """Every image is complete, with its chunks and its row; returns the number of images."""
    files = sorted(folder.glob("*/*/*.png"))
    for file in files:
        with Image.open(file) as picture:
            assert picture.mode == "L"
            assert len(picture.getcolors() or []) > 16
            assert {"parameters", "xray-tui"} <= set(picture.text)
    lines = (folder / "metadata.jsonl").read_text().splitlines()
    names = sorted(json.loads(line)["file_name"] for line in lines)
    assert names == [file.relative_to(folder).as_posix() for file in files]
    assert not list(folder.rglob("*.tmp"))
    return len(files)


def test_one_key_generates_an_image(open_terminal: OpenTerminal, tmp_path: Path) -> None:
    hooked = tmp_path / "hooked.jsonl"
    called = {"XRAY_TUI_ALERTS": "always", "XRAY_TUI_ON_JOB_END": f"cat >> {hooked}"}
    terminal = open_terminal([], tmp_path, 120, 36, QUICK | called)
    open_and_generate(terminal)
    terminal.wait_for("✓ normal")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert assert_dataset(tmp_path / "dataset") == 1
    (facts,) = map(json.loads, hooked.read_text().splitlines())
    assert (facts["event"], facts["done"]) == ("done", 1)
    assert re.sub(rb"\x1b\][^\x07\x1b]*(\x07|\x1b\\)", b"", terminal.raw).count(b"\x07") == 1
    titles = re.findall(rb"\x1b\]2;(.*?)\x1b\\", terminal.raw)
    assert [title.decode() for title in titles[:2]] == [TITLE, f"{TITLE} · 0/1"]


@pytest.mark.slow  # by default tests/tui/workbench/test_jobs.py asks, and test_endings.py ends it
def test_quitting_while_generating_asks_in_a_small_terminal(
    open_terminal: OpenTerminal, tmp_path: Path
) -> None:
    terminal = open_terminal([], tmp_path, 80, 24, {**QUICK, **SMALL})
    open_and_generate(terminal)
    terminal.press("q")
    terminal.wait_for("Still generating")
    terminal.press("f")
    assert terminal.wait_for_end(60) == 0
    assert 1 <= assert_dataset(tmp_path / "dataset") < 60


@pytest.mark.slow  # the widgets are tested one by one in tests/tui/test_hostile_text.py
def test_escape_sequences_in_prompts_never_reach_the_terminal(
    open_terminal: OpenTerminal, tmp_path: Path
) -> None:
    nasty = r"[/red] x [bold] \u001b]52;c;ZXZpbA==\u0007 \u001b[31m \u202e \u0085"
    (tmp_path / "prompts.toml").write_text(
        f"""
        [defaults]
        negative = "{nasty}"
        [[prompts]]
        id = "nasty"
        region = "chest"
        label = "normal"
        view = "{nasty}"
        findings = ["{nasty}"]
        text = "{nasty} {{slot}}"
        notes = "{nasty}"
        bundled = true
        [prompts.slots]
        slot = ["{nasty}"]
        """,
        encoding="utf-8",
    )
    terminal = open_terminal(["--prompts", "prompts.toml"], tmp_path, environment=QUICK)
    terminal.wait_for("nasty")
    terminal.press("g")
    terminal.wait_for(lambda text: "1/1" in text and ".png" in text, seconds=90)
    terminal.press("e")
    terminal.wait_for("esc Cancel")
    terminal.wait_for("52;c;")
    terminal.process.send(b"\x1bq")  # in one burst, as alt+q comes
    assert terminal.wait_for_end() == 0
    assert b"\x1b]52" not in terminal.raw
    assert b"\x1b[31m \xe2" not in terminal.raw
    assert "\u202e".encode() not in terminal.raw
    assert "\u0085".encode() not in terminal.raw
