"""Which libraries an import may load, in fresh processes; test_startup.py checks the whole app."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import xray_tui

HEAVY = ("torch", "diffusers", "transformers")
ROOMS = ("xray_tui.cli", "xray_tui.dataset", "xray_tui.prompts", "xray_tui.models")
LOADED = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def modules_of(*rooms: str) -> list[str]:
    """Every module of these rooms."""
    names = [module.name for module in pkgutil.walk_packages(xray_tui.__path__, prefix="xray_tui.")]
    found = [
        name for name in names if name in rooms or name.startswith(tuple(f"{r}." for r in rooms))
    ]
    assert all(any(name.startswith(room) for name in found) for room in rooms)
    return found


def loaded_by(names: Iterable[str], folder: Path) -> set[str]:
    """The modules in memory after importing ``names`` in a fresh process."""
    result = subprocess.run(
        [sys.executable, "-c", LOADED, *names],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.mark.parametrize("room", [*ROOMS, "xray_tui.generation", "xray_tui.tui"])
def test_no_module_of_a_room_loads_torch(room: str, tmp_path: Path) -> None:
    names = modules_of(room)
    assert len(names) > 3
    assert loaded_by(names, tmp_path).isdisjoint(HEAVY)


def test_the_app_loads_no_torch(tmp_path: Path) -> None:
    loaded = loaded_by(["xray_tui.tui.app", "xray_tui.generation.running.engine"], tmp_path)
    assert "textual" in loaded  # otherwise the test proves nothing
    assert loaded.isdisjoint(HEAVY)


def test_pausing_a_job_does_not_load_the_sampler(tmp_path: Path) -> None:
    loaded = loaded_by(["xray_tui.generation.running.control"], tmp_path)
    sampling = "xray_tui.generation.sampling"
    assert {name for name in loaded if name.startswith(sampling)} == {
        sampling,
        f"{sampling}.watcher",
    }


def test_everything_but_the_tui_loads_no_textual(tmp_path: Path) -> None:
    names = [
        name
        for name in modules_of("xray_tui")
        if not name.startswith(("xray_tui.tui", "xray_tui.training")) and "__main__" not in name
    ]
    loaded = loaded_by(names, tmp_path)
    assert "pydantic" in loaded
    assert loaded.isdisjoint(("textual", "textual_image", *HEAVY))
