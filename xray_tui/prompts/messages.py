"""Problems of a prompts.toml file as sentences: the key, the mistake, the allowed values."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from xray_tui.text import clean, clipped, counted, did_you_mean, quoted
from xray_tui.toml_positions import KeyPath

MAX_LINES = 20
"""Problems listed in one message."""

_SENTENCES = {
    "missing": "is missing; every prompt needs it",
    "string_type": 'must be text in quotes, such as "PA", not {kind}',
    "string_unicode": "holds half a character (a lone surrogate); write the whole character",
    "tuple_type": 'must be a list of texts, such as ["PA", "AP"], not {kind}',
    "dict_type": "must be a table of keys and values, not {kind}",
    "model_type": "must be a table of keys and values, not {kind}",
    "bool_type": "must be true or false, not {kind}",
    "string_too_long": "is {length} characters long; at most {max_length} are allowed",
    "too_short": "is an empty list; give at least one value",
    "too_long": "has {length} entries; at most {max_length} are allowed",
}


@dataclass(frozen=True)
class Problem:
    """A mistake at ``path``; ``sentence`` continues after the key's name.

    ``key`` is the name to show if it is not the whole path.
    """

    path: KeyPath
    sentence: str
    key: str | None = None

    def __str__(self) -> str:
        key = key_name(self.path) if self.key is None else self.key
        return f"{key}: {self.sentence}" if key else self.sentence


def problems_in(error: ValidationError, known: Iterable[str], base: KeyPath = ()) -> list[Problem]:
    """The problems in ``error``, which is about the table at ``base`` with the keys ``known``."""
    details = error.errors(include_url=False)[: MAX_LINES + 1]  # no more are shown
    return [_problem(detail, known, base) for detail in details if not _is_consequence(detail)]


def _is_consequence(detail: ErrorDetails) -> bool:
    """Whether a list is called too short only because its items are wrong, as reported already."""
    return detail["type"] == "too_short" and bool(detail["input"])


def _problem(detail: ErrorDetails, known: Iterable[str], base: KeyPath) -> Problem:
    path = base + tuple(part for part in detail["loc"] if part != "[key]")
    context = detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return Problem(path, unknown_key(str(path[-1]), known))
    if detail["type"] == "xray" and context["of"] == "parameter":  # the reason names the parameter
        return Problem(path, clean(context["reason"]), key_name(path[:-1]))
    template = _SENTENCES.get(detail["type"])
    if template is None:
        return Problem(path, clean(detail["msg"].removeprefix("Value error, ")))
    value = detail["input"]
    length = len(value) if isinstance(value, str | tuple | dict) else 0
    return Problem(path, template.format(**context | {"kind": _kind(value), "length": length}))


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The sentence about a key that is not among ``known``."""
    return f"is not a known key{did_you_mean(key, known)}; known keys are {', '.join(known)}"


def unknown_id(prompt_id: str, known: list[str]) -> str:
    """The sentence about an id that no prompt has."""
    near = difflib.get_close_matches(prompt_id[:80], known, n=3, cutoff=0.5)
    others = f"the library has {counted(len(known), 'prompt')}"
    hint = f"did you mean {', '.join(near)}?" if near else others
    return f"no prompt has the id {quoted(prompt_id)}; {hint}"


def key_name(path: KeyPath) -> str:
    """The key at ``path`` as a person would say it, without its prompt."""
    keys = path[2:] if is_prompt(path) else path
    parts = [f"item {part + 1}" if isinstance(part, int) else clipped(part) for part in keys]
    return ".".join(parts).replace(".item ", ", item ")


def is_prompt(path: KeyPath) -> bool:
    """Whether ``path`` is inside one of the prompts."""
    return len(path) >= 2 and path[0] == "prompts" and isinstance(path[1], int)


def prompt_name(path: KeyPath, prompts: Any) -> str:
    """Id and number (from 1) of the prompt at ``path``; ``prompts`` are the file's entries."""
    number = path[1]
    assert isinstance(number, int)
    entry = prompts[number] if isinstance(prompts, tuple) and number < len(prompts) else None
    prompt_id = entry.get("id") if isinstance(entry, Mapping) else None
    if isinstance(prompt_id, str):
        return f"prompt {quoted(prompt_id)} (number {number + 1})"
    return f"prompt number {number + 1}"


def _kind(value: object) -> str:
    for types, kind in _KINDS:
        if isinstance(value, types):
            return kind
    return "a date or time"


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    ((int, float), "a number"),
    (str, "text"),
    ((list, tuple), "a list"),
    (dict, "a table"),
    (type(None), "nothing"),
)
