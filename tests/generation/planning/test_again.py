"""The same image again with new seeds, and its settings as values of the form."""

from __future__ import annotations

from typing import Any

from support.generation_samples import a_job, a_prompt, a_request

from xray_tui.generation.planning.again import draws, form_values, requests_again
from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.prompts.scratch import restored
from xray_tui.tasks import Task


def all_but_seed(task: Task) -> str:
    parameters = task.parameters.model_dump(exclude={"count", "seed", "device"})
    kept = {"findings", "label", "negative_prompt", "prompt_id", "region", "text", "view"}
    return str([parameters, [vars(task)[name] for name in sorted(kept)]])


def again(tasks: list[Task], **settings: Any) -> list[Task]:
    return [task for one in requests_again(tasks, settings) for task in plan(one).tasks]


def test_a_new_image_differs_only_in_its_seed() -> None:
    prompt = a_prompt(
        text="{{x}} of a {sex}", slots={"sex": ("woman", "man")}, findings=("effusion",)
    )
    tasks = [*a_job(prompt, count=4, steps=3, negative_prompt="blurred").tasks]
    new = again(tasks, steps=99, negative_prompt="other", seed_mode="fixed", count=7)
    assert len(tasks) == 4 and sorted(map(all_but_seed, new)) == sorted(map(all_but_seed, tasks))
    assert not {task.id for task in tasks} & {task.id for task in new}


def test_images_with_the_same_parameters_are_one_job_and_copies_get_different_seeds() -> None:
    (one,) = a_job(a_prompt("a"), seed=1, steps=3).tasks
    (two,) = a_job(a_prompt("b"), seed=1, steps=3).tasks
    (other,) = a_job(a_prompt("a"), seed=1, steps=4).tasks
    assert len(requests_again([one, two], {})) == 1
    new = again([one, two, one, other, one])
    assert len({task.id for task in new}) == 5
    assert sorted((task.prompt_id, task.parameters.steps) for task in new) == [
        ("a", 3), ("a", 3), ("a", 3), ("a", 4), ("b", 3)
    ]  # fmt: skip


def test_the_job_can_be_requested_again_without_the_library() -> None:
    (task,) = a_job(a_prompt(text="{sex}", slots={"sex": ("woman",)})).tasks
    (request,) = requests_again([task], {})
    (prompt,) = restored(request.as_json())
    assert (prompt.id, prompt.text, prompt.slots) == (task.prompt_id, "woman", {})


def test_the_form_gets_what_differs_from_its_defaults() -> None:
    prompt = a_prompt(parameters={"steps": 9})
    request = a_request(prompt, guidance_scale=3.5, seed=5)
    (task,) = plan(request).tasks
    values = form_values(task, prompt, request.library, {})
    assert values == {"guidance_scale": 3.5, "count": 1, "seed": 5}
    assert form_values(task, prompt, request.library, {"guidance_scale": 3.5}) == {
        "count": 1, "seed": 5
    }  # fmt: skip
    assert form_values(task, None, request.library, {})["steps"] == 9
    again = plan(JobRequest((prompt,), request.library, values, {}))
    assert [one.id for one in again.tasks] == [task.id]


def test_a_prompt_draws_the_text_of_the_first_image_of_a_seed() -> None:
    prompt = a_prompt(text="{n}", slots={"n": tuple(map(str, range(50)))})
    first, *others = a_job(prompt, seed=3, count=5).tasks
    assert draws(prompt, first)
    assert not all(draws(prompt, task) for task in others)
    assert not draws(a_prompt(text="another"), first)
