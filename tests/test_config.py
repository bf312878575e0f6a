"""Settings: which source takes precedence, and errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from xray_tui.config import load_settings
from xray_tui.errors import SettingsError


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return {"XRAY_TUI_CONFIG": str(path)}


def test_defaults_apply_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    settings = load_settings({})
    assert settings.dataset == Path("dataset")
    assert settings.theme == "reading-room"


def test_environment_overrides_file_and_flags_override_both(tmp_path: Path) -> None:
    environment = write(
        tmp_path, 'theme = "daylight"\ndataset = "from-file"\n[generation]\nsteps = 9\neta = 0.5\n'
    )
    settings = load_settings({**environment, "XRAY_TUI_STEPS": "4", "XRAY_TUI_DATASET": "~/env"})
    assert settings.theme == "daylight"
    assert settings.dataset == Path("~/env").expanduser()
    assert settings.generation == {"steps": 4, "eta": 0.5}
    assert settings.with_flags(dataset=Path("flag"), theme=None).dataset == Path("flag")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme = 'pink'", "theme"),
        ("colour = 1", "colour: is not a setting; known settings are dataset, prompts"),
        ("dataset = 3", "dataset"),
        ("dataset = ''", "dataset: is empty"),
        ("[generation]\nsteps = 0", "steps = 0"),
        ("[generation]\nsteps = '9'", "steps"),
        ("[generation]\nspeed = 9", "speed"),
        ("generation = 3", "generation"),
        ("theme = ", "TOML"),
        ("preview = 'ascii\\u001b'", "preview"),
        ("#" + "x" * 200_000, "larger"),
        ("reviewer = ''", 'reviewer: "" cannot be a reviewer\'s name'),
        ('reviewer = "a\\u202eb"', 'reviewer: "a‹U+202E›b" cannot be'),
        ("reviewer = 3", "reviewer"),
    ],
)
def test_a_wrong_setting_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text))
    assert message in str(caught.value)
    assert "config.toml" in str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XRAY_TUI_STEPS", "many"),
        ("XRAY_TUI_THEME", "pink"),
        ("XRAY_TUI_COLOUR", "red"),
        ("XRAY_TUI_WIDTH", "250"),
        ("XRAY_TUI_DATASET", ""),
        ("XRAY_TUI_REVIEWER", "x" * 65),
        ("XRAY_TUI_CONFIG", "/no/such/file"),
    ],
)
def test_a_wrong_variable_is_named(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(SettingsError) as caught:
        load_settings({variable: value})
    named = value if variable == "XRAY_TUI_CONFIG" else variable
    assert str(caught.value).startswith(f"{named}: ")


def test_the_reviewer_can_have_any_printable_name(tmp_path: Path) -> None:
    environment = write(tmp_path, 'theme = "daylight"\n')
    assert load_settings(environment).reviewer is None
    environment = write(tmp_path, 'reviewer = "Dr Ödön [/] 肺"\n')
    assert load_settings(environment).reviewer == "Dr Ödön [/] 肺"
    assert load_settings({**environment, "XRAY_TUI_REVIEWER": "bob"}).reviewer == "bob"
    with pytest.raises(SettingsError, match='command line: reviewer: " " cannot be'):
        load_settings(environment).with_flags(reviewer=" ")
