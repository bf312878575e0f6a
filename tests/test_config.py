"""Settings: which source takes precedence, and errors that name the key."""

from __future__ import annotations

import os
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
        ("datset = 'a'", "datset: is not a setting (did you mean dataset?)"),
        ("steps = 20", "steps: belongs to the generation parameters; write [generation]"),
        ("dataset = ['a']", "dataset: must be a path in quotes"),
        ("dataset = '~nobody-here/x'", "there is no such home folder; write the whole path"),
        ('dataset = "C:\\Users\\anna"', ":1: not valid TOML: Invalid hex value (column 16)"),
        ('dataset = "C:\\Users\\anna"', "write a backslash as \\\\"),
        ('\ntheme = "C:\\data"', "config.toml:2: not valid TOML: Unescaped"),
        (f"[generation]\nsteps = {'9' * 5000}", ":2: a number or date of 5000 characters; at"),
        ("[generation]\nsteps = 2.5", "steps = 2.5: must be a whole number"),
        ("[generation]\nstep = 2", "step: is not a parameter (did you mean steps?)"),
        ("[generation]\ndataset = 'a'", "[generation] dataset: belongs above [generation]"),
        ("\ufeffdataset = 'a'", "config.toml:1: starts with a byte order mark"),
        ("generation = 20", "generation: must be a table: write [generation] on a line"),
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
        ("hide_votes = 'yes'", 'hide_votes: must be true or false, not "yes"'),
        ("hide_votes = 1", "hide_votes: must be true or false"),
        ("reject_reasons = 'a, b'", "reject_reasons: must be a list in brackets"),
        ("[keys]\naccept = 1", "[keys] accept: must be text in quotes"),
        ("viewer = 3", 'viewer: must be a command in quotes, such as "feh"'),
        ("on_job_end = 3", 'on_job_end: must be a command in quotes, such as "notify-send done"'),
        ("reviewer = 3", 'reviewer: must be text in quotes, such as "anna"'),
        ("viewer = ''", "viewer: is empty; write a command"),
        ("viewer = 'feh \"a'", "viewer: is not a command: no closing quotation"),
        ("on_job_end = ' '", "on_job_end: is empty; write a command, or leave it out"),
        ("alerts = 'loud'", "alerts: "),
        ("reject_reasons = 3", 'must be a list in brackets, such as ["duplicate", "grid-noise"]'),
        ("reject_reasons = ['My tag']", '"My tag" cannot be a tag; use 1 to 40 characters'),
        (f"reject_reasons = {[*'abcdefghij']}", "has 10 tags; list at most 9, one per digit"),
    ],
)
def test_a_wrong_setting_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text))
    assert message in str(caught.value)
    assert "config.toml" in str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()


MISTAKES = """\
theme = "pink"
colour = 1  # no setting
hide_votes = "yes"
reject_reasons = [
  "motion",
  "My tag",
]
[keys]
generat = "g"
accept = "k"
[generation]
steps = 0
[nothing]
"""


def test_every_mistake_is_named_with_its_line_and_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, MISTAKES))
    lines = str(caught.value).splitlines()
    start = f"{tmp_path}/config.toml:"
    assert all(line.startswith(start) for line in lines)
    for number, text in (
        (1, 'theme: must be "reading-room" or "daylight", not "pink"'),
        (2, "colour: is not a setting"),
        (3, 'hide_votes: must be true or false, not "yes"'),
        (4, 'reject_reasons: "My tag" cannot be a tag'),
        (9, "[keys] generat: is not an action (did you mean generate?)"),
        (10, '[keys] accept = "k": k is the key of up (move up; everywhere)'),
        (12, "[generation] steps = 0: must be at least 1"),
        (13, "nothing: is not a setting"),
    ):
        assert lines.pop(0).startswith(f"{start}{number}: {text}")
    assert not lines


def test_a_switch_in_a_variable_may_be_written_in_several_ways() -> None:
    for text, value in (("true", True), ("1", True), ("no", False)):
        assert load_settings({"XRAY_TUI_HIDE_VOTES": text}).hide_votes is value
    with pytest.raises(SettingsError, match='must be true or false, not "perhaps"'):
        load_settings({"XRAY_TUI_HIDE_VOTES": "perhaps"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("XRAY_TUI_STEPS", "many"),
        ("XRAY_TUI_STEPS", ""),
        ("XRAY_TUI_DATASET", "~nobody-here/x"),
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


def test_reject_reasons_come_from_file_or_variable(tmp_path: Path) -> None:
    environment = write(tmp_path, 'reject_reasons = ["motion", "grid-noise", "motion"]\n')
    assert load_settings(environment).reject_reasons == ("motion", "grid-noise")
    environment["XRAY_TUI_REJECT_REASONS"] = "blurred, tilted"
    assert load_settings(environment).reject_reasons == ("blurred", "tilted")
    environment["XRAY_TUI_REJECT_REASONS"] = ""
    assert load_settings(environment).reject_reasons == ()


def test_the_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    environment = write(tmp_path, "")
    (tmp_path / "config.toml").write_bytes(b'theme = "daylight"\ndataset = "r\xf6ntgen"\n')
    with pytest.raises(SettingsError, match=r"config.toml:2: not UTF-8 text \(byte 0xf6\); save"):
        load_settings(environment)


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ({"XRAY_TUI_STEPS": ""}, "XRAY_TUI_STEPS: is empty; give it a value, or unset it"),
        ({"XRAY_TUI_STEPS": "2.5"}, "XRAY_TUI_STEPS: steps = 2.5: must be a whole number"),
        ({"XRAY_TUI_STEP": "2"}, "is not a setting (did you mean XRAY_TUI_STEPS?); known settings"),
    ],
)
def test_a_mistake_in_a_variable_is_a_plain_sentence(
    variable: dict[str, str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(SettingsError) as caught:
        load_settings(variable)
    assert sentence in str(caught.value)


def test_settings_in_the_home_of_another_user_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(Path, "stat", refused)
    assert load_settings({}).theme == "reading-room"


def test_a_pipe_is_not_read_as_settings(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="is not a plain file"):
        load_settings({"XRAY_TUI_CONFIG": str(tmp_path / "pipe")})
