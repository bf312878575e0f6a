"""User settings: defaults, then the settings file, then ``XRAY_TUI_…`` variables; flags come last.

The file is ``config.toml`` in the user's configuration folder (``XRAY_TUI_CONFIG`` names another)::

    dataset = "~/xrays"
    prompts = "~/xrays/prompts.toml"
    theme = "reading-room"
    preview = "auto"
    reviewer = "anna"
    reject_reasons = ["anatomy-wrong", "motion-blur"]

    [generation]
    device = "cuda:1"
    batch_size = 8

    [keys]
    generate = "ctrl+g"
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from xray_tui import toml_text
from xray_tui.environment import config_folder, exists, user_path
from xray_tui.errors import ParameterError, SettingsError
from xray_tui.keymap import checked_keys
from xray_tui.names import REASONS, reviewer_name_problem, tag_problem
from xray_tui.parameters import GenerationParameters, check_overrides, parse_parameter
from xray_tui.text import clean, counted, did_you_mean, quoted

ThemeName = Literal["reading-room", "daylight"]
PreviewMode = Literal["auto", "kitty", "sixel", "halfcell", "unicode"]

_PREFIX = "XRAY_TUI_"
_MAX_BYTES = 100_000
_TABLES = ("keys", "generation")
"""Settings that are tables of the file; no variable sets a whole one."""
MOST_REASONS = 9
"""As many as there are digits to choose one by."""


def _expanded(value: object) -> object:
    if value == "":  # Path("") would be the current folder
        raise ValueError("is empty; write a path, or . for the current folder")
    if not isinstance(value, str):
        return value
    path = user_path(value)
    if path is None:
        raise ValueError(f"{quoted(value)}: there is no such home folder; write the whole path")
    return path


def _check_name(name: str) -> str:
    if problem := reviewer_name_problem(name):
        raise ValueError(problem)
    return name


def _check_command(command: str) -> str:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"is not a command: {str(error).lower()}") from error
    if not words:
        raise ValueError("is empty; write a command, or leave it out for the usual program")
    return command


def _separated(value: object) -> object:
    """A list in the file; in a variable, its values separated by commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(value) if isinstance(value, list) else value


def _check_reasons(reasons: tuple[str, ...]) -> tuple[str, ...]:
    for reason in reasons:
        if problem := tag_problem(reason):
            raise ValueError(problem)
    if len(reasons) > MOST_REASONS:
        raise ValueError(
            f"has {counted(len(reasons), 'tag')}; list at most {MOST_REASONS}, one per digit"
        )
    return tuple(dict.fromkeys(reasons))


UserPath = Annotated[Path, BeforeValidator(_expanded)]
ReviewerName = Annotated[str, AfterValidator(_check_name)]
Keys = Annotated[dict[str, str], AfterValidator(checked_keys)]
Command = Annotated[str, AfterValidator(_check_command)]
Reasons = Annotated[tuple[str, ...], BeforeValidator(_separated), AfterValidator(_check_reasons)]


class Settings(BaseModel):
    """All settings. ``generation`` holds only the generation parameters that the user set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: UserPath = Path("dataset")
    prompts: UserPath | None = None
    theme: ThemeName = "reading-room"
    preview: PreviewMode = "auto"
    reviewer: ReviewerName | None = None
    """None to use the name of the logged-in user."""
    reject_reasons: Reasons = REASONS
    """Tags that a digit gives to the images just rejected; none: digits are always stars."""
    hide_votes: bool = False
    """Whether opinions of others are hidden until the reviewer has decided on an image."""
    viewer: Command | None = None
    """The command that opens images outside; None for the program that the desktop uses."""
    keys: Keys = {}
    """Keys that the user gave to meanings of the keymap, as Textual calls them."""
    generation: dict[str, Any] = {}

    def with_flags(self, **flags: object) -> Settings:
        """These settings, overridden by the flags that were given (not None).

        Raises:
            SettingsError: a flag's value is not allowed.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        return _validate({**self.model_dump(exclude_unset=True), **given}, "command line")


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: ``XRAY_TUI_CONFIG`` or ``config.toml`` in the configuration folder.

    Without a home folder, the result is a path at which no file can exist.
    """
    named = environment.get(f"{_PREFIX}CONFIG")
    if named:
        return user_path(named) or Path(named)
    return (config_folder() or Path(os.devnull)) / "config.toml"


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Merge the defaults, the settings file and the environment.

    Raises:
        SettingsError: a setting is wrong; the message names the file or the variable, the key, and
            the allowed values.
    """
    path = settings_path(environment)
    explicit = bool(environment.get(f"{_PREFIX}CONFIG"))
    # A home folder that may not be entered is another user's, and so are the settings in it.
    from_file = _read_file(path) if explicit or exists(path) else {}
    settings = _validate(from_file, str(path))
    from_environment = _read_environment(environment)
    if not from_environment:
        return settings
    generation = {**settings.generation, **from_environment.pop("generation", {})}
    given = settings.model_dump(exclude_unset=True)
    merged = {**given, **from_environment, "generation": generation}
    return _validate(merged, "the environment")


def _read_file(path: Path) -> dict[str, Any]:
    name = clean(path)
    try:
        if not path.is_file() and path.exists():  # reading a pipe would wait forever
            raise SettingsError(f"{name}: is not a plain file; give the path of a config.toml")
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "not a usable path"
        raise SettingsError(f"{name}: cannot be read ({reason})") from error
    if len(content) > _MAX_BYTES:
        raise SettingsError(
            f"{name}: is larger than {_MAX_BYTES:,} bytes; check that it is a settings file"
        )
    try:
        return toml_text.parse(toml_text.decode(content))
    except toml_text.TomlTextError as error:
        raise SettingsError(f"{name}:{error.line}: {error}") from error


def _read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(_PREFIX).lower()
        if not variable.startswith(_PREFIX) or name == "config":
            continue
        if name in GenerationParameters.model_fields:
            values.setdefault("generation", {})[name] = _parameter(variable, name, text)
        elif name in Settings.model_fields and name not in _TABLES:
            _validate({name: text}, variable)
            values[name] = text
        else:
            known = [*Settings.model_fields, *GenerationParameters.model_fields, "config"]
            names = [_PREFIX + name.upper() for name in known if name not in _TABLES]
            meant = did_you_mean(variable, names)
            raise SettingsError(
                f"{clean(variable)}: is not a setting{meant}; known settings are {', '.join(names)}"
            )
    return values


def _parameter(variable: str, name: str, text: str) -> Any:
    try:
        return parse_parameter(name, text)
    except ParameterError as error:
        if not text.strip():
            raise SettingsError(f"{variable}: is empty; give it a value, or unset it") from error
        raise SettingsError(f"{variable}: {clean(str(error))}") from error


def _validate(values: Mapping[str, Any], source: str) -> Settings:
    try:
        settings = Settings(**values)
        check_overrides(settings.generation)
    except ValidationError as error:
        problems = [f"{source}: {_sentence(problem)}" for problem in error.errors()]
        raise SettingsError(clean("\n".join(problems), keep_newlines=True)) from error
    except (ParameterError, TypeError) as error:
        misplaced = [key for key in values.get("generation", {}) if key in Settings.model_fields]
        reason = f"{misplaced[0]}: belongs above [generation]" if misplaced else clean(str(error))
        raise SettingsError(f"{source}: [generation] {reason}") from error
    return settings


def _sentence(problem: ErrorDetails) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "dict_type":
        return f"{key}: must be a table: write [{key}] on a line of its own, and its keys below it"
    if problem["type"] != "extra_forbidden":
        return f"{key}: {_REASONS.get(problem['type']) or _reason(problem)}"
    if key in GenerationParameters.model_fields:
        return f"{key}: belongs to the generation parameters; write [generation] on a line above it"
    known = [*Settings.model_fields]
    meant = did_you_mean(key, [*known, *GenerationParameters.model_fields])
    return f"{key}: is not a setting{meant}; known settings are {', '.join(known)}"


def _reason(problem: ErrorDetails) -> str:
    if problem["type"] == "literal_error":
        return f"must be {problem['ctx']['expected']}"
    return problem["msg"].removeprefix("Value error, ")


_REASONS = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "path_type": 'must be a path in quotes, such as "~/xrays"',
    "tuple_type": 'must be a list in brackets, such as ["duplicate", "grid-noise"]',
    "string_type": 'must be text in quotes, such as "anna"',
    "string_unicode": "is not valid Unicode; use another name",
}
"""Wordings of common mistakes, by pydantic's error type."""
