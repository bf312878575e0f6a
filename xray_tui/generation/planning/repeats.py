"""The images of a request that exist already, as their seeds are fixed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from xray_tui.generation.planning.plan import JobRequest, parameters_of, plan
from xray_tui.models.catalogue import ModelInfo
from xray_tui.tasks import Task

MOST = 2_000
"""Of more images it is not found out which exist: planning them would take a second."""


@dataclass
class Repeats:
    """Of the prompts with a fixed seed: how many images they have, and which do not exist."""

    images: Mapping[str, int] = field(default_factory=dict)
    """The different images of each prompt, by its id."""
    missing: Mapping[str, set[str]] = field(default_factory=dict)
    """The ids of the tasks without an image, by the id of their prompt."""

    def add(self, task: Task) -> None:
        """Note that ``task`` has an image now."""
        self.missing.get(task.prompt_id, set()).discard(task.id)

    def existing(self, prompt_id: str) -> int:
        """The number of images of this prompt that exist."""
        return self.images.get(prompt_id, 0) - len(self.missing.get(prompt_id, ()))


NONE = Repeats()


def with_fixed_seeds(request: JobRequest, models: Mapping[str, ModelInfo]) -> JobRequest | None:
    """The part of ``request`` whose images may exist, if it is not too much; None otherwise.

    Prompts are left out that use another model than ``models``: reading its weights takes long.

    Raises:
        ParameterError: the parameters are not valid.
    """
    if len(request.prompts) > MOST:
        return None
    layers = (request.library, request.settings, request.overrides)
    known: dict[tuple[object, ...], int] = {}
    """The number of images by a prompt's own parameters, 0 if they cannot exist."""
    fixed, images = [], 0
    for prompt in request.prompts:
        own = tuple(prompt.parameters.items())
        if own not in known:
            used = parameters_of(prompt, *layers)
            known[own] = used.count if used.seed is not None and used.model in models else 0
        if known[own]:
            fixed.append(prompt)
            images += known[own]
    return replace(request, prompts=tuple(fixed)) if 0 < images <= MOST else None


def repeats_of(request: JobRequest, existing: Callable[[Iterable[Task]], set[str]]) -> Repeats:
    """Which images of ``request`` exist; ``existing`` returns the ids of the tasks with an image.

    Takes up to a second.

    Raises:
        XrayTuiError: the request cannot be planned, or the catalog not be read.
    """
    tasks = list(plan(request).tasks)
    there = existing(tasks)
    missing = defaultdict(set)
    for task in tasks:
        if task.id not in there:
            missing[task.prompt_id].add(task.id)
    return Repeats(Counter(task.prompt_id for task in tasks), missing)
