"""The settings that doctor can use although others are wrong."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from xray_tui import toml_text
from xray_tui.config import Settings, environment_settings, settings_text
from xray_tui.config_problems import generation_problems, settings_problems
from xray_tui.environment import settings_path
from xray_tui.errors import SettingsError


def usable_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The user's settings without those that are wrong, which have their defaults.

    Of a file that is no TOML, the lines before its first mistake are read.
    """
    values: dict[str, Any] = {}
    with suppress(SettingsError):
        values = _beginning(settings_text(settings_path(environment)))
    values = _without_mistakes(values)
    for variable, text in environment.items():
        with suppress(SettingsError):
            found = environment_settings({variable: text})
            parameters = {**values.get("generation", {}), **found.pop("generation", {})}
            values = {**values, **found, "generation": parameters}
    return Settings.model_validate(_without_mistakes(values))


def _beginning(text: str) -> dict[str, Any]:
    """The values in ``text`` before the first line that is no TOML."""
    try:
        return toml_text.parse(text)
    except toml_text.TomlTextError as error:
        lines = text.splitlines(keepends=True)[: error.line - 1]
    with suppress(toml_text.TomlTextError):
        return toml_text.parse("".join(lines))
    return {}


def _without_mistakes(values: Mapping[str, Any]) -> dict[str, Any]:
    right = dict(values)
    parameters = right.get("generation")
    if isinstance(parameters, dict):
        wrong = {path[1] for path, _ in generation_problems(parameters, [])}
        right["generation"] = {n: value for n, value in parameters.items() if n not in wrong}
    try:
        Settings.model_validate(right)
    except ValidationError as error:
        for path, _ in settings_problems(error, []):
            right.pop(str(path[0]), None)
    return right
