"""A fixture that runs ``xray-tui`` in the process of the test; a conftest imports it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xray_tui.cli.main import main

RunCommand = Callable[..., tuple[str, str]]


@pytest.fixture
def run_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> RunCommand:
    """Runs ``xray-tui`` with these arguments, but without the developer's settings.

    Asserts the exit code ``code``, 0 unless given; returns standard output and standard error.
    """
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def run(*arguments: object, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["xray-tui", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert ended.value.code == code, out + err
        return out, err

    return run
