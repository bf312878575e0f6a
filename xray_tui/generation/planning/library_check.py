"""Finds problems in a prompt library that only planning would find, without planning a job."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.generation.planning.plan import parameters_of, size_problems
from xray_tui.models.catalogue import ModelInfo, resolve
from xray_tui.prompts.messages import Problem
from xray_tui.prompts.schema import PromptLibrary


def problems_of(library: PromptLibrary, settings: Mapping[str, Any]) -> list[Problem]:
    """The reasons why prompts of ``library`` cannot be planned: each once, with where to fix it.

    The path of a problem leads to the value to change in the library; it is empty if the value
    comes from the user's ``settings``. Reads no weights.
    """
    find_model = cache(resolve)  # a library has many prompts and few models
    found = (
        _placed(name, sentence, number, library, settings)
        for number in range(len(library.prompts))
        for name, sentence in _reasons(number, library, settings, find_model)
    )
    return list(dict.fromkeys(found))


def _reasons(
    number: int,
    library: PromptLibrary,
    settings: Mapping[str, Any],
    find_model: Callable[[str], ModelInfo],
) -> Iterator[tuple[str, str]]:
    parameters = parameters_of(library.prompts[number], library, settings)
    try:
        yield from size_problems(parameters, find_model(parameters.model))
    except ModelError as error:
        yield "model", str(error)


def _placed(
    name: str, sentence: str, number: int, library: PromptLibrary, settings: Mapping[str, Any]
) -> Problem:
    """The problem ``sentence`` of the parameter ``name``, with the place where its value is set."""
    prompt = ("prompts", number)
    if name in settings:
        return Problem((), sentence, f"your settings (config.toml or XRAY_TUI_{name.upper()})")
    if name in library.prompts[number].parameters:
        return Problem((*prompt, "parameters", name), sentence, "parameters")
    if name in library.defaults.parameters:
        return Problem(("defaults", "parameters", name), sentence, "defaults.parameters")
    return Problem(prompt, sentence)
