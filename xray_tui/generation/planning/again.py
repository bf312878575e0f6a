"""An image as the start of new ones: the same again with other seeds, or its settings to change."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.generation.planning.plan import JobRequest, parameters_of
from xray_tui.models.catalogue import resolve
from xray_tui.parameters import GenerationParameters
from xray_tui.prompts.schema import Defaults, Prompt, PromptLibrary
from xray_tui.prompts.scratch import UNKNOWN_VIEW
from xray_tui.prompts.slots import literal, render
from xray_tui.prompts.wording import choose
from xray_tui.tasks import Task

_OTHERS = {"count", "seed", "seed_mode", "device", "batch_size"}
"""Parameters of a job, or of the machine it ran on, which may be another one now."""


def requests_again(tasks: Iterable[Task], settings: Mapping[str, Any]) -> list[JobRequest]:
    """Request one new image for each of ``tasks``: the same text and parameters, a new seed.

    Images with the same parameters are in one request. Nothing is looked up in a prompt library:
    the prompt may have been changed or deleted since the image was generated.

    Raises:
        PromptLibraryError: a text is too long for a prompt.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    for task in tasks:
        numbers[_exact_prompt(task).model_dump_json(), json.dumps(_parameters(task))] += 1
    # A prompt that is twice in a request gets the same seeds twice, so the number counts, too.
    groups: dict[tuple[str, int], list[Prompt]] = defaultdict(list)
    for (prompt, parameters), count in numbers.items():
        groups[parameters, count].append(Prompt.build(json.loads(prompt)))
    return [
        JobRequest(
            tuple(prompts),
            PromptLibrary(defaults=Defaults(), prompts=(prompts[0],), source=Path()),
            {**json.loads(parameters), "count": count, "seed": None, "seed_mode": "increment"},
            settings,
            own_prompts=True,
        )
        for (parameters, count), prompts in groups.items()
    ]


def form_values(
    task: Task, prompt: Prompt | None, library: PromptLibrary | None, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """The parameters to set so that ``prompt`` gives an image as that of ``task``, by name.

    Only those that differ from what ``prompt`` and ``settings`` give by themselves. Without a
    prompt, the library's defaults count.

    Raises:
        ParameterError: ``settings`` or the parameters of the prompt are not valid.
    """
    usual = parameters_of(prompt, library, settings)
    values: dict[str, Any] = {
        name: value for name, value in _parameters(task).items() if value != getattr(usual, name)
    }
    if usual.negative_prompt is None and library is not None:
        own = library.defaults.negative if prompt is None else library.negative_of(prompt)
        if own == task.negative_prompt:
            del values["negative_prompt"]
    if (usual.width, usual.height) == (None, None) and _has_native_size(task.parameters):
        values = {name: value for name, value in values.items() if name not in ("width", "height")}
    return {**values, "count": 1, "seed": task.seed}


def draws(prompt: Prompt, task: Task) -> bool:
    """Whether ``prompt`` gives the text of ``task`` for its first image with the same seed."""
    return render(prompt.text, choose(prompt, task.seed, 0)) == task.text


def _parameters(task: Task) -> dict[str, Any]:
    """The parameters that make the image what it is, apart from its seed."""
    used = task.parameters.model_dump(exclude=_OTHERS)
    return {**used, "negative_prompt": task.negative_prompt}


def _exact_prompt(task: Task) -> Prompt:
    """A prompt that always gives the text of ``task``."""
    return Prompt.build(
        {
            "id": task.prompt_id,
            "region": task.region,
            "label": task.label,
            "view": task.view or UNKNOWN_VIEW,
            "findings": task.findings,
            "text": literal(task.text),
            "bundled": True,  # the user has seen what the model draws
        }
    )


def _has_native_size(parameters: GenerationParameters) -> bool:
    try:
        return resolve(parameters.model).native_size == (parameters.width, parameters.height)
    except ModelError:
        return False
