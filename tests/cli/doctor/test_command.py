"""The whole command: its text, its JSON, its exit codes, and the question about the picture."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.advice import advised
from support.terminal import Terminal
from typer.testing import CliRunner

from xray_tui.cli.doctor import checks, machine
from xray_tui.cli.doctor.checks import CHECKS, Check
from xray_tui.cli.doctor.finding import Finding, advice, problem
from xray_tui.cli.doctor.usable_settings import usable_settings
from xray_tui.cli.main import app
from xray_tui.config import Settings
from xray_tui.generation.sampling import speed

TEXT = st.text(max_size=5)
VALUES = st.booleans() | st.integers() | TEXT
JSON = VALUES | st.lists(VALUES, max_size=3)
VARIABLES = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which everything is in order, and a short measurement."""
    for name in ("NO_COLOR", "TMUX", "STY", "HF_HUB_OFFLINE", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(machine, "ONE_SECOND", 0.01)
    monkeypatch.setenv("XRAY_TUI_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").touch()
    return tmp_path


def without_devices() -> tuple[Check, ...]:
    return tuple(check for check in CHECKS if check.name != "devices")


def test_json_names_check_level_and_cure(quick: Path) -> None:
    (quick / "config.toml").write_text("theme = 1\n")
    result = CliRunner().invoke(app, ["doctor", "--json"])
    *findings, summary = (json.loads(line) for line in result.stdout.splitlines())
    assert result.exit_code == 1
    assert all(set(one) == {"check", "level", "what", "where", "cure"} for one in findings)
    assert {one["check"] for one in findings} == {check.name for check in CHECKS} - {"offline"}
    levels = Counter(one["level"] for one in findings)
    assert summary == {"problems": levels["problem"], "advice": levels["advice"]}
    assert [one["check"] for one in findings if one["level"] == "problem"] == ["settings"]
    measured = [one["what"] for one in findings if one["check"] == "devices"]
    assert any(what.startswith("cpu (") and "operations a second" in what for what in measured)


MISTAKES = """\
dataset = "xrays"
theme = "pink"
[generation]
steps = 0
seed = 3
"""
NO_TOML = """\
dataset = "xrays"
theme = pink
[generation]
"""


@pytest.mark.parametrize(("text", "number"), [(MISTAKES, 2), (NO_TOML, 1)])
def test_with_mistakes_in_the_settings_the_configured_dataset_is_examined(
    quick: Path, monkeypatch: pytest.MonkeyPatch, text: str, number: int
) -> None:
    (quick / "config.toml").write_text(text)
    monkeypatch.setattr(checks, "CHECKS", without_devices())
    result = CliRunner().invoke(app, ["doctor", "--json"])
    found = [json.loads(line) for line in result.stdout.splitlines()[:-1]]
    of_settings = [one for one in found if one["check"] == "settings"]
    assert [one["level"] for one in of_settings] == ["problem"] * number + ["ok"]
    assert of_settings[-1]["where"] == str(quick / "xrays")
    assert {one["where"] for one in found if one["check"] == "dataset"} == {str(quick / "xrays")}


@given(st.dictionaries(st.sampled_from([*Settings.model_fields, "odd"]), JSON, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_settings_hold_doctor_has_usable_ones(
    tmp_path: Path, values: dict[str, Any]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("".join(f"{name} = {json.dumps(it)}\n" for name, it in values.items()))
    environment = {"XRAY_TUI_CONFIG": str(path), "XRAY_TUI_STEPS": "9", "XRAY_TUI_THEME": "pink"}
    assert usable_settings(environment).generation["steps"] == 9


def test_text_has_titles_marks_and_cures(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(_: object) -> Iterator[Finding]:
        yield advice("is slow", "wait", "disk")
        yield problem("is\x1b[31m broken", "mend it", "disk")

    monkeypatch.setattr(checks, "CHECKS", (Check("one", "One", found),))
    result = CliRunner().invoke(app, ["doctor", "xrays"])
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "One",
        "  ! is slow (disk)",
        "      → wait",
        "  ✗ is␛[31m broken",
        "      → mend it",
        "",
        "1 problem, 1 piece of advice",
    ]


def test_without_problems_the_exit_code_is_0(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CHECKS", without_devices())
    result = CliRunner().invoke(app, ["doctor"])
    assert (result.exit_code, "no problems" in result.stdout) == (0, True), result.stdout
    assert sorted(path.name for path in quick.iterdir()) == ["config.toml"]


def test_an_error_inside_a_check_is_a_finding(quick: Path) -> None:
    def fail(_: object) -> Iterator[Finding]:
        raise RuntimeError("no idea")

    (found,) = Check("x", "X", fail).findings(SimpleNamespace())  # type: ignore[arg-type]
    assert found.level == "problem" and "RuntimeError: no idea" in found.what


def test_torch_that_cannot_be_imported(quick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a library of the system is missing."""
    monkeypatch.setattr(speed, "devices", lambda: (_ for _ in ()).throw(OSError("libgomp.so.1")))
    (found,) = machine.devices(SimpleNamespace())  # type: ignore[arg-type]
    assert "PyTorch cannot be imported: OSError: libgomp.so.1" in found.what


def test_in_a_terminal_it_shows_a_picture_and_asks(quick: Path) -> None:
    terminal = Terminal(["doctor"], quick, 200, 40, {**VARIABLES, "XRAY_TUI_PREVIEW": "halfcell"})
    try:
        terminal.wait_for("importing and measuring")
        terminal.wait_for(lambda text: "Does the picture look right?" in text and "▀" in text)
        terminal.press("n")
        assert terminal.wait_for_end() == 1, terminal.text
        assert "does not look right" in terminal.text
        advised("; or try once: ", " ".join(terminal.text.split()))
        assert "xray-tui --preview unicode" in terminal.text
    finally:
        terminal.close()
