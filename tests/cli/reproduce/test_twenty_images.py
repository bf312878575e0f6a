"""Twenty images of the bundled checkpoint, made again from copies of their files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.changed_model import WEIGHTS, changed_model

PROMPTS = (
    "chest-normal-adult",
    "knee-healthy",
    "knee-severe-osteoarthritis",
    "chest-pleural-effusion",
)


def xray_tui(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "xray_tui", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )


def reproduced(folder: Path, *options: str, code: int, images: int = 20) -> list[dict[str, Any]]:
    """What is said of each of the first ``images`` in ``folder``."""
    files = [path.name for path in sorted(folder.glob("*.png"))][:images]
    done = xray_tui(folder, "reproduce", *files, "--json", *options)
    assert done.returncode == code, done.stdout + done.stderr
    *rows, summary = map(json.loads, done.stdout.splitlines())
    assert summary["images"] == len(rows) == images
    return rows


def causes(rows: list[dict[str, Any]]) -> set[str]:
    return {one["what"] for row in rows for one in row["differences"]}


@pytest.mark.slow
def test_twenty_images_are_bit_identical_and_each_cause_is_named(tmp_path: Path) -> None:
    """Four prompts with their own parameters, in batches of 3, the last one with two images."""
    options = ("--count", "5", "--batch-size", "3", "--seed", "11", "--steps", "5")
    made = xray_tui(tmp_path, "generate", *PROMPTS, *options)
    assert made.returncode == 0, made.stdout + made.stderr
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in (tmp_path / "dataset").glob("*/*/*.png"):
        shutil.copy(path, moved)
    shutil.rmtree(tmp_path / "dataset")

    rows = reproduced(moved, code=0)
    assert all(row["identical"] for row in rows)
    assert causes(rows) == set()

    rows = reproduced(moved, "--batch-size", "1", code=1)
    assert causes(rows) == {"batch size"}
    assert max(row["largest"] for row in rows) <= 2

    rows = reproduced(moved, "--dtype", "bfloat16", code=1, images=5)
    assert causes(rows) == {"dtype"}
    assert not any(row["identical"] for row in rows)

    model = changed_model(tmp_path / "model", bias=0.01)
    rows = reproduced(moved, "--model", str(model), code=1, images=5)
    assert causes(rows) == {f"model file {WEIGHTS}"}
    assert not any(row["identical"] for row in rows)
