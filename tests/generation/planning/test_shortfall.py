"""Requests for missing images: which prompts, how many images of each, and new seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from support.generation_samples import a_prompt, a_request

from xray_tui.dataset.review.shortfall import MOST_AT_ONCE, Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.errors import ParameterError
from xray_tui.generation.planning.plan import MAX_TASKS, plan
from xray_tui.generation.planning.shortfall import ShortfallRequests, shortfall_requests
from xray_tui.prompts.schema import Prompt

LARGE = {"model": "someone/large-model"}


def lacking(number: int, label: str = "normal", region: str = "chest") -> Shortfall:
    """A label that has no images, and lacks ``number`` of them."""
    return Shortfall(region, label, number, 0, 0, 0, 0)


def requested(
    *shortfalls: Shortfall,
    prompts: tuple[Prompt, ...],
    overrides: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    include_untrained: bool = False,
) -> ShortfallRequests:
    library = a_request(*prompts).library
    return shortfall_requests(
        shortfalls, library, overrides or {}, settings or {}, include_untrained=include_untrained
    )


def numbers(found: ShortfallRequests) -> dict[str, int]:
    """Requested images by prompt."""
    return {
        prompt.id: request.overrides["count"]
        for request in found.requests
        for prompt in request.prompts
    }


def test_images_are_shared_out_evenly_among_the_prompts_of_the_label() -> None:
    prompts = (
        *(a_prompt(f"normal-{number}", bundled=True) for number in range(3)),
        a_prompt("edema", label="edema", bundled=True),
        a_prompt("nodule", label="nodule", bundled=True),
        a_prompt("knee", region="knee", bundled=True),
    )
    found = requested(lacking(100), lacking(33, "edema"), prompts=prompts)
    shared = numbers(found)
    assert shared.pop("edema") == 33
    assert sorted(shared) == ["normal-0", "normal-1", "normal-2"]
    assert sorted(shared.values()) == [33, 33, 34]
    assert [request.overrides["count"] for request in found.requests] == [34, 33]
    assert (found.images, found.labels, found.postponed) == (133, 2, 0)
    assert found.without_prompt == found.untrained == ()
    assert found.notice == "133 images for 2 labels queued"


def test_remaining_images_go_to_random_prompts() -> None:
    prompts = tuple(a_prompt(f"p{number}", bundled=True) for number in range(3))
    seen: Counter[str] = Counter()
    for _ in range(60):  # misses a prompt by chance once in 10 billion runs
        shared = numbers(requested(lacking(1), prompts=prompts))
        assert list(shared.values()) == [1]
        seen.update(shared)
    assert len(seen) == 3


def test_labels_without_a_prompt_are_named() -> None:
    labels = ["a", "b", "c", "d"]
    found = requested(*(lacking(5, label) for label in labels), prompts=(a_prompt(),))
    assert found.requests == () and found.images == 0
    assert found.without_prompt == tuple(("chest", label) for label in labels)
    assert found.notice == (
        "nothing queued; no prompt of the library has the label chest / a, chest / b, chest / c "
        "and 1 more"
    )


def test_labels_unknown_to_the_bundled_model_are_left_out_unless_wanted() -> None:
    prompts = (a_prompt("small", bundled=True), a_prompt("large", label="nodule"))
    wanted = (lacking(3), lacking(5, "nodule"))
    found = requested(*wanted, prompts=prompts)
    assert numbers(found) == {"small": 3}
    assert (found.images, found.left_out) == (3, (("chest", "nodule"),))
    assert found.notice == (
        "3 images for 1 label queued; "
        "left out, as the bundled model was not trained on chest / nodule"
    )
    found = requested(*wanted, prompts=prompts, include_untrained=True)
    assert numbers(found) == {"small": 3, "large": 5}
    assert (found.left_out, found.untrained) == ((), (("chest", "nodule"),))


def test_undecided_images_count_towards_the_target() -> None:
    waiting = Shortfall("chest", "normal", 10, 0, 0, 30, 0)
    unknown = Shortfall("chest", "unknown", 10, 0, 0, 30, 0)
    found = requested(waiting, unknown, prompts=(a_prompt(),))
    assert found.requests == () and found.without_prompt == ()


@pytest.mark.parametrize(
    ("overrides", "settings", "ids"),
    [
        ({}, {}, ["small", "own-model"]),
        ({"model": "bundled"}, {}, ["small"]),
        (LARGE, {}, ["small", "large", "own-model"]),
        ({}, LARGE, ["small", "large", "own-model"]),
    ],
)
def test_the_bundled_model_gets_only_prompts_it_was_trained_on(
    overrides: dict[str, Any], settings: dict[str, Any], ids: list[str]
) -> None:
    prompts = (
        a_prompt("small", bundled=True),
        a_prompt("large"),
        a_prompt("own-model", parameters=LARGE),
    )
    found = requested(lacking(30), prompts=prompts, overrides=overrides, settings=settings)
    assert sorted(numbers(found)) == sorted(ids)
    assert found.untrained == ()


def test_without_trained_prompts_the_images_are_requested_with_a_notice() -> None:
    found = requested(lacking(3, "nodule"), prompts=(a_prompt("large", label="nodule"),))
    assert numbers(found) == {"large": 3}
    assert found.untrained == (("chest", "nodule"),)
    assert found.notice == (
        "3 images for 1 label queued; the bundled model was not trained on chest / nodule"
    )


def test_seeds_are_new_each_time_even_if_a_seed_is_set() -> None:
    prompts = (a_prompt("a", bundled=True), a_prompt("b", bundled=True))
    given = {"seed": 7, "seed_mode": "fixed", "count": 50, "steps": 3}
    found = [
        requested(lacking(20), prompts=prompts, overrides=given, settings={"seed": 9, "count": 2})
        for _ in range(2)
    ]
    jobs = [plan(request) for result in found for request in result.requests]
    assert [job.size for job in jobs] == [20, 20]
    assert {task.parameters.steps for job in jobs for task in job.tasks} == {3}
    assert len({task.seed for job in jobs for task in job.tasks}) > 35  # 40 of 2**32
    assert {task.id for task in jobs[0].tasks}.isdisjoint(task.id for task in jobs[1].tasks)


def test_the_number_of_images_is_limited() -> None:
    labels: list[Label] = [("chest", f"l{number}") for number in range(25)]
    prompts = tuple(a_prompt(label, label=label, bundled=True) for _, label in labels)
    found = requested(*(lacking(50_000, label) for _, label in labels), prompts=prompts)
    assert found.images == MAX_TASKS == sum(numbers(found).values())
    assert found.labels == MAX_TASKS // MOST_AT_ONCE
    assert found.postponed == 25 * MOST_AT_ONCE - MAX_TASKS
    assert found.notice.endswith("; 50,000 images left for next time")


def test_invalid_parameters_are_refused() -> None:
    with pytest.raises(ParameterError, match="steps = 0"):
        requested(lacking(1), prompts=(a_prompt(),), settings={"steps": 0})
