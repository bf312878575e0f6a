"""The app starts quickly, because it does not import torch and diffusers at the start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.terminal import Terminal

from xray_tui.tui.workbench.opening import TITLES

HEAVY = ("torch", "diffusers", "transformers")

FIRST_PAINT = f"""
import asyncio, json, sys
from pathlib import Path
from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.prompts.library import default_path
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.tui.pictures.terminal import prepare_pictures
prepare_pictures("halfcell")
from xray_tui.tui.app import XrayTuiApp

async def paint():
    app = XrayTuiApp(Settings(), LibraryChoice(default_path()), Dataset(Path("dataset")))
    async with app.run_test(size=(120, 36)) as pilot:
        while not app.screen.query("PromptTree"):
            await pilot.pause(0.01)
        await pilot.pause(0.5)
        print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))

asyncio.run(paint())
"""


def waited_for_a_core(process: int) -> float:
    """The seconds that other processes kept this one from running; 0 where Linux does not say."""
    schedule = Path(f"/proc/{process}/schedstat")
    return int(schedule.read_text().split()[1]) / 1e9 if schedule.exists() else 0.0


def assert_within(limit: float, run: Callable[[], float], tries: int = 15) -> None:
    """Assert that a run takes less than ``limit`` seconds, trying up to ``tries`` times.

    Other load on the machine can only make a run slower: it fills the caches, for instance.
    """
    measured: list[float] = []
    while not measured or measured[-1] >= limit:
        assert len(measured) < tries, f"at best {min(measured):.2f} s"
        measured.append(run())
    print(f"\nseconds: {', '.join(f'{seconds:.2f}' for seconds in measured)}")


def test_help_is_printed_within_600_ms(tmp_path: Path) -> None:
    shown = tmp_path / "help.txt"

    def run() -> float:
        start = time.perf_counter()
        with shown.open("w") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "xray_tui", "--help"], cwd=tmp_path, stdout=file
            )
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        seconds = time.perf_counter() - start - waited_for_a_core(process.pid)
        assert process.wait() == 0
        assert "generate" in shown.read_text()
        return seconds

    assert_within(0.6, run)


def test_the_app_is_painted_within_800_ms(tmp_path: Path) -> None:
    def run() -> float:
        start = time.perf_counter()
        terminal = Terminal(["--preview", "halfcell"], tmp_path)
        try:
            terminal.wait_for(lambda text: all(title in text for title in TITLES))
            seconds = time.perf_counter() - start
            return seconds - waited_for_a_core(terminal.process.pid)
        finally:
            terminal.close()

    assert_within(0.8, run)


def test_help_imports_no_heavy_library(tmp_path: Path) -> None:
    code = (
        "import sys, json\n"
        "from xray_tui.cli.main import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(json.dumps([n for n in {(*HEAVY, 'textual')!r} if n in sys.modules]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout.splitlines()[-1]) == []


def test_the_first_paint_imports_no_heavy_library(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(result.stdout.splitlines()[-1]) == []
