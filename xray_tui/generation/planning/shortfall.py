"""Turns the images that are missing to meet the targets into requests for new images."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.generation.planning.plan import MAX_TASKS, JobRequest
from xray_tui.generation.planning.training_check import marks_trained_prompts, may_draw
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
    left_out: tuple[Label, ...]
    """Labels for which nothing is requested because the bundled model was not trained on them."""
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
        if self.left_out:
            parts.append(f"left out, as the bundled model was not trained on {self.left_out_names}")
        if self.postponed:
            parts.append(f"{counted(self.postponed, 'image')} left for next time")
        return "; ".join(parts)

    @property
    def left_out_names(self) -> str:
        """The labels left out, for a sentence."""
        return _names(self.left_out)


def shortfall_requests(
    shortfalls: Iterable[Shortfall],
    library: PromptLibrary,
    overrides: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    include_untrained: bool = False,
) -> ShortfallRequests:
    """Request the images that ``shortfalls`` need, evenly from the prompts of each label.

    ``overrides`` and ``settings`` are as in :class:`JobRequest`, except that the number of images
    follows from ``shortfalls``, and each image gets a new random seed each time. If the bundled
    model draws, only the prompts marked for it are used. A label without such a prompt is left out;
    with ``include_untrained``, or if no prompt of the library is marked, all its prompts are used.

    Raises:
        ParameterError: the parameters are not valid.
    """
    prompts: dict[Label, list[Prompt]] = defaultdict(list)
    for prompt in library.prompts:
        prompts[prompt.region, prompt.label].append(prompt)
    number_of: dict[str, int] = {}
    labels = wanted = images = 0
    without, untrained, left_out = [], [], []
    leave_out = marks_trained_prompts(library) and not include_untrained
    for shortfall in shortfalls:
        label = (shortfall.region, shortfall.label)
        number = min(shortfall.to_queue, MAX_TASKS - images)
        if shortfall.to_queue and label not in prompts:
            without.append(label)
            continue
        trained = [
            prompt for prompt in prompts[label] if may_draw(prompt, library, settings, overrides)
        ]
        if not trained and leave_out and shortfall.to_queue:
            left_out.append(label)
            continue
        wanted += shortfall.to_queue
        if not number:
            continue
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
        left_out=tuple(left_out),
        postponed=wanted - images,
    )


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
