"""A prompt as the editor's form holds it: a text for each field, and the field's problem."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import field_specs
from xray_tui.prompts.messages import problems_in, unknown_key
from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import SlotError, render, slot_names
from xray_tui.text import clean

TEXT_FIELDS = (
    "id",
    "region",
    "label",
    "view",
    "findings",
    "text",
    "slots",
    "negative",
    "parameters",
    "notes",
)
"""The fields of a prompt that are edited as text, in the order of the form."""

_REQUIRED = frozenset({"id", "region", "label", "view", "text"})
_AREAS = frozenset({"text", "slots", "parameters", "notes"})
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Draft:
    """The result of reading a form. ``prompt`` is None while there is a problem."""

    prompt: Prompt | None
    problems: Mapping[str, str]
    """A sentence for each invalid field, by its name."""
    example: str
    """The text with its slots filled in, where they have values."""
    slots: Mapping[str, int]
    """The number of values of each slot used in the text."""


@dataclass
class _Reading:
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def texts_of(prompt: Prompt | None) -> dict[str, str]:
    """The fields of ``prompt`` as texts for the form; empty texts for None."""
    if prompt is None:
        return dict.fromkeys(TEXT_FIELDS, "")
    slots = (f"{name} = {slot_line(values)}" for name, values in prompt.slots.items())
    specs = field_specs()
    parameters = (
        f"{name} = {clean(specs[name].show(value))}" for name, value in prompt.parameters.items()
    )
    texts = {
        "id": prompt.id,
        "region": prompt.region,
        "label": prompt.label,
        "view": prompt.view,
        "findings": ", ".join(prompt.findings),
        "text": prompt.text,
        "slots": "\n".join(slots),
        "negative": prompt.negative or "",
        "parameters": "\n".join(parameters),
        "notes": prompt.notes,
    }
    return {name: clean(text, keep_newlines=name in _AREAS) for name, text in texts.items()}


def read_draft(
    texts: Mapping[str, str],
    *,
    bundled: bool,
    original: Prompt | None = None,
    taken: Collection[str] = (),
) -> Draft:
    """Read a form whose fields have these ``texts``, by the names in TEXT_FIELDS.

    A field whose text was not changed keeps the exact value of ``original``, even if the form
    shows it cleaned. ``taken`` are the ids of the other prompts.
    """
    reading = _Reading({"bundled": bundled})
    shown = texts_of(original)
    for name in TEXT_FIELDS:
        if original is not None and texts[name] == shown[name]:
            reading.values[name] = getattr(original, name)
        else:
            _read_field(name, texts[name].strip(), reading)
    if reading.values["id"] in taken:
        reading.problems["id"] = "another prompt has this id"
    prompt = _validate(reading)
    used = slots_used(texts["text"])
    slots = {name: len(reading.values["slots"].get(name, ())) for name in used}
    return Draft(prompt, reading.problems, _example(reading.values, used), slots)


def _read_field(name: str, text: str, reading: _Reading) -> None:
    readers = {"findings": _findings, "slots": _slots, "parameters": _parameters}
    try:
        reading.values[name] = readers[name](text) if name in readers else text
    except ParameterError as error:
        reading.values[name] = {}
        reading.problems[name] = str(error)
    if not text and name in _REQUIRED:
        reading.problems[name] = "Required"
    if name == "negative":
        reading.values[name] = text or None


def _findings(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _slots(text: str) -> dict[str, tuple[str, ...]]:
    pairs = _pairs(text, "name = value | value")
    return {
        name: tuple(part.strip().replace("\\|", "|") for part in _BAR.split(value))
        for name, value in pairs
    }


def _parameters(text: str) -> dict[str, Any]:
    specs = field_specs()
    values = {}
    for name, value in _pairs(text, "steps = 30"):
        if name not in specs:
            raise ParameterError(f"{name} {unknown_key(name, specs)}")
        if not value:
            raise ParameterError(f"{name} has no value; add one or remove the line")
        values[name] = specs[name].parse(value)
    return values


def _pairs(text: str, pattern: str) -> Iterator[tuple[str, str]]:
    """Names and values of lines such as ``pattern``; empty lines are skipped."""
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise ParameterError(f"line {number}: write {pattern}")
        if name in seen:
            raise ParameterError(f"line {number}: {name} is listed twice")
        seen.add(name)
        yield name, value


def _validate(reading: _Reading) -> Prompt | None:
    try:
        prompt = Prompt.model_validate(reading.values)
    except ValidationError as error:
        for problem in problems_in(error, Prompt.model_fields):
            name = str(problem.path[0]) if problem.path else "id"
            inner = problem.path[1:] and name == "slots"
            where = f"{problem.path[1]}: " if inner else ""
            reading.problems.setdefault(name, f"{where}{problem.sentence}")
        return None
    return prompt if not reading.problems else None


def slots_used(text: str) -> tuple[str, ...]:
    """The names of the slots in ``text``; none while a brace in it is wrong."""
    try:
        return slot_names(text)
    except SlotError:
        return ()


def _example(values: Mapping[str, Any], used: tuple[str, ...]) -> str:
    slots = values["slots"]
    chosen = {name: slots[name][0] if slots.get(name) else f"{{{name}}}" for name in used}
    try:
        return render(values["text"], chosen)
    except SlotError:
        return str(values["text"])


def slot_line(values: tuple[str, ...]) -> str:
    """The values of a slot as the form shows them: ``woman | man``."""
    return " | ".join(clean(value).replace("|", "\\|") for value in values)
