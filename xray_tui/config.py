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
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    TypeAdapter,
    ValidationError,
)

from xray_tui import toml_text
from xray_tui.chosen_keys import checked_keys
from xray_tui.config_problems import Problem, generation_problems, settings_problems
from xray_tui.environment import exists, settings_path, user_path
from xray_tui.errors import ParameterError, SettingsError
from xray_tui.names import REASONS, reviewer_name_problem, tag_problem
from xray_tui.parameters import GenerationParameters, parse_parameter
from xray_tui.text import clean, counted, did_you_mean, quoted
from xray_tui.toml_positions import Positions
from xray_tui.toml_scanner import scan

ThemeName = Literal["reading-room", "daylight"]
AlertMode = Literal["unfocused", "always", "never"]
PreviewMode = Literal[
    "auto", "kitty", "iterm2", "sixel", "sextant", "quadrant", "halfcell", "unicode"
]

_PREFIX = "XRAY_TUI_"
_MAX_BYTES = 100_000
_TABLES = ("keys", "generation")
"""Settings that are tables of the file; no variable sets a whole one."""
_SWITCH = TypeAdapter(bool)
"""A variable may also be 1 or 0, yes or no."""
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


def _check_shell_command(command: str) -> str:
    if not command.strip():
        raise ValueError("is empty; write a command, or leave it out")
    return command


def _as_tuple(value: object) -> object:
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
ShellCommand = Annotated[str, AfterValidator(_check_shell_command)]
Reasons = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_check_reasons)]


class Settings(BaseModel):
    """All settings. ``generation`` holds only the generation parameters that the user set."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

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
    on_job_end: ShellCommand | None = None
    """The command that ``sh`` runs when a job ends or waits for room; it gets the job as JSON."""
    alerts: AlertMode = "unfocused"
    """Whether the app rings and notifies when a job ends: always, never, or unless it has focus."""
    keys: Keys = {}
    """Keys that the user gave to meanings of the keymap, as Textual calls them."""
    generation: dict[str, Any] = {}

    def with_flags(self, **flags: object) -> Settings:
        """These settings, overridden by the flags that were given (not None).

        Raises:
            SettingsError: a flag's value is not allowed.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        values = {**self.model_dump(exclude_unset=True), **given}
        return _validate(values, _Source("command line"))


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Merge the defaults, the settings file and the environment.

    Raises:
        SettingsError: a setting is wrong; the message names the file or the variable, the key, and
            the allowed values.
    """
    path = settings_path(environment)
    explicit = bool(environment.get(f"{_PREFIX}CONFIG"))
    # A home folder that may not be entered is another user's, and so are the settings in it.
    settings = _read_file(path) if explicit or exists(path) else Settings()
    from_environment = environment_settings(environment)
    if not from_environment:
        return settings
    generation = {**settings.generation, **from_environment.pop("generation", {})}
    given = settings.model_dump(exclude_unset=True)
    merged = {**given, **from_environment, "generation": generation}
    return _validate(merged, _Source("the environment"))


@dataclass(frozen=True)
class _Source:
    """Where settings come from; ``positions`` if it is a file."""

    name: str
    positions: Positions = field(default_factory=Positions)

    def place(self, line: int) -> str:
        return f"{self.name}:{line}" if self.positions.lines else self.name


def settings_text(path: Path) -> str:
    """The text of the settings file at ``path``.

    Raises:
        SettingsError: it cannot be read, or it is no text.
    """
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
        return toml_text.decode(content)
    except toml_text.TomlTextError as error:
        raise SettingsError(f"{name}:{error.line}: {error}") from error


def _read_file(path: Path) -> Settings:
    name, text = clean(path), settings_text(path)
    positions = scan(text)
    try:
        if positions.excess:
            raise toml_text.TomlTextError(*positions.excess)
        values = toml_text.parse(text)
    except toml_text.TomlTextError as error:
        raise SettingsError(f"{name}:{error.line}: {error}") from error
    return _validate(values, _Source(name, positions))


def environment_settings(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings in variables, as the settings file would have them.

    Raises:
        SettingsError: a variable is wrong.
    """
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        name = variable.removeprefix(_PREFIX).lower()
        if not variable.startswith(_PREFIX) or name == "config":
            continue
        if name in GenerationParameters.model_fields:
            values.setdefault("generation", {})[name] = _parameter(variable, name, text)
        elif name in Settings.model_fields and name not in _TABLES:
            values[name] = _typed(name, text)
            _validate({name: values[name]}, _Source(variable))
        else:
            known = [*Settings.model_fields, *GenerationParameters.model_fields, "config"]
            names = [_PREFIX + name.upper() for name in known if name not in _TABLES]
            meant = did_you_mean(variable, names)
            raise SettingsError(
                f"{clean(variable)}: is not a setting{meant}; known settings are {', '.join(names)}"
            )
    return values


def _typed(name: str, text: str) -> object:
    """The value of a variable, as the file would have it."""
    if name == "reject_reasons":
        return [part.strip() for part in text.split(",") if part.strip()]
    if name == "hide_votes":
        with suppress(ValidationError):
            return _SWITCH.validate_python(text.strip())
    return text


def _parameter(variable: str, name: str, text: str) -> Any:
    try:
        return parse_parameter(name, text)
    except ParameterError as error:
        if not text.strip():
            raise SettingsError(f"{variable}: is empty; give it a value, or unset it") from error
        raise SettingsError(f"{variable}: {clean(str(error))}") from error


def _validate(values: Mapping[str, Any], source: _Source) -> Settings:
    problems: list[Problem] = []
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        problems += settings_problems(error, [*Settings.model_fields])
    generation = values.get("generation")
    if isinstance(generation, dict):
        problems += generation_problems(generation, [*Settings.model_fields])
    if not problems:
        return settings
    lines = sorted((source.positions.line_of(path), sentence) for path, sentence in problems)
    sentences = [f"{source.place(line)}: {sentence}" for line, sentence in lines]
    raise SettingsError(clean("\n".join(sentences), keep_newlines=True))
