"""Where the dataset and the prompt library of the line are, found without checking the settings."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from xray_tui.cli.completion.asked import Asked
from xray_tui.environment import settings_path, user_path, variable

CATALOG = ".xray-tui/catalog.sqlite"
SESSIONS = ".xray-tui/blind"
"""As in the dataset's own modules, whose imports take longer than an answer may take."""
_FIRST_ARGUMENT = ("review", "purge", "verify", "rebuild", "doctor")
"""Commands whose argument is the dataset."""


def dataset_folder(asked: Asked) -> Path:
    """The dataset that the command of the line would use."""
    named = asked.options.get("--dataset") or ""
    if not named and asked.arguments and asked.command[:1] in [(one,) for one in _FIRST_ARGUMENT]:
        named = asked.arguments[0]
    return _path(named or _setting("dataset") or "dataset")


def prompt_library(asked: Asked) -> Path:
    """The prompt library that the command of the line would use."""
    from xray_tui.prompts.library_choice import choose_library

    named = asked.options.get("--prompts")
    setting = _setting("prompts")
    chosen = SimpleNamespace(prompts=_path(setting) if setting else None)
    return choose_library(chosen, _path(named) if named else None).path


def _path(text: str) -> Path:
    return user_path(text) or Path(text)


def _setting(name: str) -> str:
    """A setting from its variable or from the settings file; empty if it is in neither."""
    if value := variable(f"XRAY_TUI_{name.upper()}"):
        return value
    import tomllib

    try:
        with settings_path().open("rb") as file:
            value = tomllib.load(file).get(name, "")
    except (OSError, ValueError):
        return ""
    return value if isinstance(value, str) else ""
