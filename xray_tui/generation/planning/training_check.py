"""The one check of prompts against the model that draws them: for the app, commands and targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xray_tui.generation.planning.plan import JobRequest, parameters_of
from xray_tui.models.catalogue import is_bundled
from xray_tui.models.vocabulary import unknown_words
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.slots import render
from xray_tui.text import clean

_NAMED = 3
"""A sentence names this many prompts; of the rest it says only the number."""


def untrained_prompts(request: JobRequest) -> tuple[Prompt, ...]:
    """The prompts of ``request`` that the bundled model draws, but was not trained on.

    Raises:
        ParameterError: the parameters are not valid.
    """
    layers = (request.library, request.settings, request.overrides)
    return tuple(prompt for prompt in request.prompts if not may_draw(prompt, *layers))


def may_draw(
    prompt: Prompt,
    library: PromptLibrary,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> bool:
    """Whether the model that draws ``prompt`` may know its content; only the bundled one may not.

    Raises:
        ParameterError: the parameters are not valid.
    """
    if prompt.bundled:
        return True
    return model_may_know(prompt, parameters_of(prompt, library, settings, overrides).model)


def model_may_know(prompt: Prompt, model: str) -> bool:
    """Whether ``model`` may know the content of ``prompt``; only the bundled one may not."""
    return prompt.bundled or not is_bundled(model)


def marks_trained_prompts(library: PromptLibrary) -> bool:
    """Whether ``library`` says which prompts the bundled model was trained on.

    If no prompt is marked ``bundled``, its author may not use that mark: prompts are not left out.
    """
    return bool(library.bundled())


def unknown_words_notice(
    prompt: Prompt,
    library: PromptLibrary,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> str:
    """A notice if the bundled model draws ``prompt`` and does not know words of it; or empty.

    For an ad-hoc prompt, which has no mark that says whether the model was trained on it.

    Raises:
        ParameterError: the parameters are not valid.
    """
    if not is_bundled(parameters_of(prompt, library, settings, overrides).model):
        return ""
    slots = {name: " ".join(values) for name, values in prompt.slots.items()}
    unknown = unknown_words(render(prompt.text, slots))
    more = len(unknown) - _NAMED
    named = ", ".join(map(clean, unknown[:_NAMED])) + (f" and {more} more" if more > 0 else "")
    words = "word" if len(unknown) == 1 else "words"
    return f"the bundled model does not know the {words} {named}" if unknown else ""


def names_of(prompts: Sequence[Prompt]) -> str:
    """The ids of ``prompts`` for a sentence; of many, only the first."""
    more = len(prompts) - _NAMED
    named = ", ".join(prompt.id for prompt in prompts[:_NAMED])
    return f"{named} and {more} more" if more > 0 else named
