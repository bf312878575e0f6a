"""What is wrong with settings, in sentences: the setting, the mistake, the allowed values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xray_tui.chosen_keys import KeysError
from xray_tui.parameters import GenerationParameters, describe_errors
from xray_tui.text import clean, did_you_mean, quoted
from xray_tui.toml_positions import KeyPath

Problem = tuple[KeyPath, str]
"""The place of a setting, and a sentence that begins with its name."""


def settings_problems(error: ValidationError, known: Sequence[str]) -> Iterator[Problem]:
    """The problems in ``error``, which is about settings with the names ``known``."""
    for detail in error.errors(include_url=False):
        path = detail["loc"]
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, KeysError):
            for name, reason in cause.reasons.items():
                yield (*path, name), f"[keys] {clean(name)}{reason}"
        elif path[0] == "keys" and len(path) > 1:
            reason = 'must be text in quotes, such as "ctrl+g", or "g, ctrl+g" for two keys'
            yield path[:2], f"[keys] {clean(str(path[1]))}: {reason}"
        else:
            yield path, _sentence(str(path[0]), detail, known)


def generation_problems(values: Mapping[str, Any], known: Sequence[str]) -> Iterator[Problem]:
    """The problems in the table of parameters; names among ``known`` belong above it."""
    try:
        GenerationParameters.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail, sentence in zip(details, describe_errors(error), strict=True):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            misplaced = f"{name}: belongs above [generation]"
            yield ("generation", name), f"[generation] {misplaced if name in known else sentence}"


def _sentence(key: str, problem: ErrorDetails, known: Sequence[str]) -> str:
    if problem["type"] == "dict_type":
        return f"{key}: must be a table: write [{key}] on a line of its own, and its keys below it"
    if problem["type"] == "string_type" and key in _COMMANDS:
        return f"{key}: must be a command in quotes, such as {_COMMANDS[key]}"
    if problem["type"] != "extra_forbidden":
        return f"{key}: {_REASONS.get(problem['type']) or _reason(problem)}"
    if key in GenerationParameters.model_fields:
        return f"{key}: belongs to the generation parameters; write [generation] on a line above it"
    meant = did_you_mean(key, [*known, *GenerationParameters.model_fields])
    return f"{key}: is not a setting{meant}; known settings are {', '.join(known)}"


def _reason(problem: ErrorDetails) -> str:
    value = problem["input"]
    wrong = f", not {quoted(value)}" if isinstance(value, str) else ""
    if problem["type"] == "literal_error":
        return f"must be {problem['ctx']['expected']}{wrong}".replace("'", '"')
    if problem["type"] == "bool_type":
        return f"must be true or false{wrong}"
    return problem["msg"].removeprefix("Value error, ")


_COMMANDS = {"on_job_end": '"notify-send done"', "viewer": '"feh"'}
"""Settings that are commands, with an example each."""
_REASONS = {
    "is_instance_of": 'must be a path in quotes, such as "~/xrays"',
    "tuple_type": 'must be a list in brackets, such as ["duplicate", "grid-noise"]',
    "string_type": 'must be text in quotes, such as "anna"',
    "string_unicode": "is not valid Unicode; use another name",
}
"""Wordings of common mistakes, by pydantic's error type."""
