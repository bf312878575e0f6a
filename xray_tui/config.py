"""User settings: defaults, then the settings file, then ``XRAY_TUI_…`` variables; flags come last.

The file is ``config.toml`` in the user's configuration folder (``XRAY_TUI_CONFIG`` names another)::

    dataset = "~/xrays"
    prompts = "~/xrays/prompts.toml"
    theme = "reading-room"
    preview = "auto"
    reviewer = "anna"

    [generation]
    device = "cuda:1"
    batch_size = 8
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from xray_tui.errors import ParameterError, SettingsError
from xray_tui.names import reviewer_name_problem
from xray_tui.parameters import GenerationParameters, check_overrides, parse_parameter
from xray_tui.text import clean

ThemeName = Literal["reading-room", "daylight"]
PreviewMode = Literal["auto", "kitty", "sixel", "halfcell", "unicode"]

_PREFIX = "XRAY_TUI_"
_MAX_BYTES = 100_000


def _expanded(value: object) -> object:
    if value == "":  # Path("") would be the current folder
        raise ValueError("is empty; write a path, or . for the current folder")
    return Path(value).expanduser() if isinstance(value, str) else value


def _check_name(name: str) -> str:
    if problem := reviewer_name_problem(name):
        raise ValueError(problem)
    return name


UserPath = Annotated[Path, BeforeValidator(_expanded)]
ReviewerName = Annotated[str, AfterValidator(_check_name)]


class Settings(BaseModel):
    """All settings. ``generation`` holds only the generation parameters that the user set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: UserPath = Path("dataset")
    prompts: UserPath | None = None
    theme: ThemeName = "reading-room"
    preview: PreviewMode = "auto"
    reviewer: ReviewerName | None = None
    """None to use the name of the logged-in user."""
    generation: dict[str, Any] = {}

    def with_flags(self, **flags: object) -> Settings:
        """These settings, overridden by the flags that were given (not None).

        Raises:
            SettingsError: a flag's value is not allowed.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        return _validate({**self.model_dump(), **given}, "command line")


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: ``XRAY_TUI_CONFIG`` or ``config.toml`` in the configuration folder."""
    named = environment.get(f"{_PREFIX}CONFIG")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_config_dir("xray-tui")) / "config.toml"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Merge the defaults, the settings file and the environment.

    Raises:
        SettingsError: a setting is wrong; the message names the file or the variable, the key, and
            the allowed values.
    """
    path = settings_path(environment)
    explicit = bool(environment.get(f"{_PREFIX}CONFIG"))
    from_file = _read_file(path) if explicit or path.exists() else {}
    settings = _validate(from_file, str(path))
    from_environment = _read_environment(environment)
    if not from_environment:
        return settings
    generation = {**settings.generation, **from_environment.pop("generation", {})}
    merged = {**settings.model_dump(), **from_environment, "generation": generation}
    return _validate(merged, "the environment")


def _read_file(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise SettingsError(
                f"{path}: is larger than {_MAX_BYTES:,} bytes; check that it is a settings file"
            )
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"{path}: not valid TOML: {clean(str(error))}") from error


def _read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(_PREFIX).lower()
        if not variable.startswith(_PREFIX) or name == "config":
            continue
        if name in GenerationParameters.model_fields:
            try:
                values.setdefault("generation", {})[name] = parse_parameter(name, text)
            except ParameterError as error:
                raise SettingsError(f"{variable}: {clean(str(error))}") from error
        elif name in Settings.model_fields and name != "generation":
            _validate({name: text}, variable)
            values[name] = text
        else:
            known = [*Settings.model_fields, *GenerationParameters.model_fields, "config"]
            names = ", ".join(_PREFIX + name.upper() for name in known if name != "generation")
            raise SettingsError(f"{clean(variable)}: is not a setting; known settings are {names}")
    return values


def _validate(values: Mapping[str, Any], source: str) -> Settings:
    try:
        settings = Settings(**values)
        check_overrides(settings.generation)
    except ValidationError as error:
        problems = [f"{source}: {_sentence(problem)}" for problem in error.errors()]
        raise SettingsError(clean("\n".join(problems), keep_newlines=True)) from error
    except (ParameterError, TypeError) as error:
        raise SettingsError(f"{source}: [generation] {clean(str(error))}") from error
    return settings


def _sentence(problem: ErrorDetails) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{key}: is not a setting; known settings are {', '.join(Settings.model_fields)}"
    return f"{key}: {problem['msg'].removeprefix('Value error, ')}"
