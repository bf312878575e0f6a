"""A reviewed dataset, and the commands that describe it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.exports import reviewed_dataset
from support.run_command import RunCommand

Run = Callable[..., str]


@pytest.fixture(scope="package")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 chests with three labels, of which ann accepted eight and rejected one."""
    root = tmp_path_factory.mktemp("reviewed") / "xrays"
    reviewed_dataset(root, 12)
    return root


@pytest.fixture
def describe(reviewed: Path, run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command as ann, on ``reviewed`` unless ``root`` is given.

    Returns what it printed: only standard output if all is well, otherwise only one message.
    """
    monkeypatch.setenv("XRAY_TUI_REVIEWER", "ann")

    def run(*arguments: object, root: Path = reviewed, code: int = 0) -> str:
        out, err = run_command(*arguments, "--dataset", root, code=code)
        assert (out == "") == bool(code)
        if code:
            assert len(err.splitlines()) == 1
        return err if code else out

    return run
