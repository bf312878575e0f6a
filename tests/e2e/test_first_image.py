"""What a new user does: open the app, press one key, see an image, find it on disk, quit."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.terminal import Terminal

QUICK = {"XRAY_TUI_STEPS": "4", "XRAY_TUI_SEED": "7"}
PANES = ("Prompts", "Parameters", "Preview", "Queue", "Log")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_one_key_makes_an_image(
    open_terminal: Callable[..., Terminal], tmp_path: Path, columns: int, rows: int
) -> None:
    terminal = open_terminal([], tmp_path, columns, rows, QUICK)
    terminal.wait_for(lambda text: all(pane in text for pane in PANES))
    terminal.press("g")
    terminal.wait_for(lambda text: "✓ chest" in text and ".png" in text, seconds=90)
    terminal.press("q")
    assert terminal.wait_for_end() == 0

    (image,) = (tmp_path / "dataset").glob("*/*/*.png")
    with Image.open(image) as picture:
        assert picture.mode == "L"
        assert len(picture.getcolors() or []) > 16
        assert {"parameters", "xray-tui"} <= set(picture.text)
    (row,) = (tmp_path / "dataset" / "metadata.jsonl").read_text().splitlines()
    assert json.loads(row)["file_name"] == image.relative_to(tmp_path / "dataset").as_posix()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_the_terminal_as_it_was(
    open_terminal: Callable[..., Terminal], tmp_path: Path, number: signal.Signals
) -> None:
    terminal = open_terminal([], tmp_path)
    terminal.wait_for("Prompts")
    terminal.process.kill(number)
    assert terminal.wait_for_end(5) == 128 + number
    assert b"\x1b[?1049l" in terminal.raw  # the alternate screen was left


def test_quitting_while_it_runs_asks(
    open_terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    terminal = open_terminal([], tmp_path, environment={**QUICK, "XRAY_TUI_COUNT": "40"})
    terminal.wait_for("Prompts")
    terminal.press("g")
    terminal.wait_for("step", seconds=90)
    terminal.press("q")
    terminal.wait_for("Images are being made")
    terminal.press("f")
    assert terminal.wait_for_end(60) == 0
    assert len(list((tmp_path / "dataset").glob("*/*/*.png"))) >= 1
    assert not list((tmp_path / "dataset").rglob("*.tmp"))


def test_hostile_prompts_reach_no_terminal(
    open_terminal: Callable[..., Terminal], tmp_path: Path
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
    terminal.wait_for("Save")
    terminal.wait_for("52;c;")
    terminal.press("escape")
    terminal.wait_for(lambda text: "Save" not in text)  # else escape and q would be alt+q
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert b"\x1b]52" not in terminal.raw
    assert b"\x1b[31m \xe2" not in terminal.raw
    assert "\u202e".encode() not in terminal.raw
    assert "\u0085".encode() not in terminal.raw
