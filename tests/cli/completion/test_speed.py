"""An answer imports little; tests/benchmarks/test_completion.py measures how long it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "asyncio",
    "click",
    "diffusers",
    "filelock",
    "PIL",
    "psutil",
    "pydantic",
    "rich",
    "textual",
    "tomlkit",
    "torch",
    "typer",
    "xray_tui.cli.main",
    "xray_tui.config",
}
LINES = (["gen"], ["generate", "knee"], ["jobs", "show", ""], ["generate", "--model", ""])


def complete(arguments: list[str], folder: Path, code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "_XRAY_TUI_COMPLETE": "fish"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("arguments", LINES, ids=" ".join)
def test_an_answer_imports_nothing_slow(arguments: list[str], tmp_path: Path) -> None:
    code = "import sys; from xray_tui.__main__ import main; main(); print(); print(*sys.modules)"
    loaded = complete(arguments, tmp_path, code).splitlines()[-1].split()
    assert "xray_tui.cli.completion.offer" in loaded
    assert SLOW.isdisjoint(loaded)
