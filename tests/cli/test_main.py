"""``xray-tui`` without a subcommand: its options reach the app."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xray_tui.cli import launch
from xray_tui.cli.main import app
from xray_tui.config import Settings


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that the app is opened with, as if in a terminal."""
    settings: list[Settings] = []

    def open_app(given: Settings, *, steal_lock: bool, fresh: bool) -> int:
        settings.append(given)
        return 0

    monkeypatch.setattr(sys.modules["xray_tui.cli.main"], "take_terminal", lambda without: None)
    monkeypatch.setattr(launch, "launch", open_app)
    return settings


def test_the_app_accepts_the_name_of_a_reviewer(opened: list[Settings]) -> None:
    result = CliRunner().invoke(app, ["--reviewer", "anna", "--theme", "daylight"])
    assert result.exit_code == 0, result.output
    ((name, theme),) = [(settings.reviewer, settings.theme) for settings in opened]
    assert (name, theme) == ("anna", "daylight")


def test_an_option_before_a_subcommand_is_refused_with_a_hint(opened: list[Settings]) -> None:
    words = ["--reviewer", "anna b", "--fresh", "review", "--filter", "rating>=3"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2 and not opened
    mended = "xray-tui review --filter 'rating>=3' --reviewer 'anna b' --fresh"
    assert f"put options after the command: {mended}\n" in result.output


def test_every_command_that_takes_a_dataset_as_its_argument_takes_the_option_too(
    tmp_path: Path,
) -> None:
    for command in ("review", "verify", "rebuild"):
        given = [str(tmp_path / "a"), "--dataset", str(tmp_path / "b")]
        result = CliRunner().invoke(app, [command, *given])
        assert result.exit_code == 2 and "two datasets are given" in result.output
        only = CliRunner().invoke(app, [command, "--dataset", str(tmp_path / "a")])
        assert "No such option" not in only.output
