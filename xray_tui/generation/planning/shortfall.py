"""Turns the images that are missing to meet the targets into requests for new images."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.generation.planning.plan import MAX_TASKS, JobRequest, parameters_of
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.text import counted

_NAMED = 3
"""A sentence names this many labels at most, and counts the rest."""


@dataclass(frozen=True)
class ShortfallRequests:
    """Requests to queue, and the labels that need attention."""

    requests: tuple[JobRequest, ...]
    """One request for each number of images per prompt."""
    images: int
    labels: int
    """Labels that get new images."""
    without_prompt: tuple[Label, ...]
    """Labels that need images, but that no prompt of the library has."""
    untrained: tuple[Label, ...]
    """Labels that the bundled model draws, although none of their prompts is marked for it."""
    postponed: int
    """Images that exceed the limit for one request."""

    @property
    def notice(self) -> str:
        """A summary for the user, in one line."""
        queued = f"{counted(self.images, 'image')} for {counted(self.labels, 'label')} queued"
        parts = [queued if self.images else "nothing queued"]
        if self.without_prompt:
            parts.append(f"no prompt of the library has the label {_names(self.without_prompt)}")
        if self.untrained:
            parts.append(f"the bundled model was not trained on {_names(self.untrained)}")
        if self.postponed:
            parts.append(f"{counted(self.postponed, 'image')} left for next time")
        return "; ".join(parts)


def shortfall_requests(
    shortfalls: Iterable[Shortfall],
    library: PromptLibrary,
    overrides: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> ShortfallRequests:
    """Request the images that ``shortfalls`` need, evenly from the prompts of each label.

    ``overrides`` and ``settings`` are as in :class:`JobRequest`, except that the number of images
    follows from ``shortfalls``, and each image gets a new random seed each time. If the bundled
    model draws, only the prompts marked for it are used, or all prompts of the label if none is
    marked.

    Raises:
        ParameterError: the parameters are not valid.
    """
    prompts: dict[Label, list[Prompt]] = defaultdict(list)
    for prompt in library.prompts:
        prompts[prompt.region, prompt.label].append(prompt)
    number_of: dict[str, int] = {}
    labels = wanted = images = 0
    without, untrained = [], []
    for shortfall in shortfalls:
        label = (shortfall.region, shortfall.label)
        number = min(shortfall.to_queue, MAX_TASKS - images)
        if shortfall.to_queue and label not in prompts:
            without.append(label)
            continue
        wanted += shortfall.to_queue
        if not number:
            continue
        trained = [
            prompt for prompt in prompts[label] if _suits(prompt, library, settings, overrides)
        ]
        if not trained:
            untrained.append(label)
        number_of |= _shares(trained or prompts[label], number)
        labels += 1
        images += number
    seeded = {**overrides, "seed": None, "seed_mode": "random"}
    return ShortfallRequests(
        requests=tuple(
            JobRequest(chosen, library, {**seeded, "count": count}, settings)
            for count, chosen in _by_number(library.prompts, number_of)
        ),
        images=images,
        labels=labels,
        without_prompt=tuple(without),
        untrained=tuple(untrained),
        postponed=wanted - images,
    )


def _suits(
    prompt: Prompt,
    library: PromptLibrary,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> bool:
    """Whether the model that draws ``prompt`` may have been trained on its content."""
    if prompt.bundled:
        return True
    return parameters_of(prompt, library, settings, overrides).model != "bundled"


def _shares(prompts: Sequence[Prompt], number: int) -> dict[str, int]:
    """Prompt ids to numbers of images, ``number`` in all; a remainder goes to random prompts."""
    each, odd = divmod(number, len(prompts))
    shares = {prompt.id: each for prompt in prompts}
    for prompt in random.sample(prompts, odd):
        shares[prompt.id] += 1
    return {prompt_id: share for prompt_id, share in shares.items() if share}


def _by_number(
    prompts: Iterable[Prompt], number_of: Mapping[str, int]
) -> list[tuple[int, tuple[Prompt, ...]]]:
    """The prompts grouped by their number of images, the largest number first."""
    groups: dict[int, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        if prompt.id in number_of:
            groups[number_of[prompt.id]].append(prompt)
    return [(count, tuple(groups[count])) for count in sorted(groups, reverse=True)]


def _names(labels: Sequence[Label]) -> str:
    names = [f"{region} / {label}" for region, label in labels[:_NAMED]]
    more = len(labels) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")
