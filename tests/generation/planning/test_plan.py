"""Planning: which parameters win, which seeds are used, how tasks are cut into batches."""

from __future__ import annotations

import inspect
import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import diffusers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.advice import advised
from support.generation_samples import a_job, a_prompt, a_request

from xray_tui.errors import ModelError, ParameterError
from xray_tui.generation.planning import library_check
from xray_tui.generation.planning.library_check import problems_of
from xray_tui.generation.planning.plan import MAX_TASKS, idle_eta, parameters_of, plan
from xray_tui.generation.sampling.schedulers import SCHEDULERS
from xray_tui.models.catalogue import ModelInfo, bundled_path, fingerprint, resolve
from xray_tui.parameters import MAX_SEED, PIXEL_FIELDS, GenerationParameters, SchedulerName
from xray_tui.tasks import Job

SLOTTED_TEXT = "{view} radiograph of a {sex}."
SLOTS = {"view": ["PA", "AP", "lateral"], "sex": ["woman", "man"]}


def seeds(job: Job) -> list[int]:
    return [task.seed for task in job.tasks]


# ---- layers --------------------------------------------------------------------------------------


def test_each_layer_overrides_the_layers_before_it() -> None:
    layers = ("defaults", "prompt", "settings", "overrides")
    names = ("steps", "batch_size", "count", "seed")
    values = {layer: 10 * number for number, layer in enumerate(layers, 1)}
    given_by = {
        layer: dict.fromkeys(names[number:], values[layer]) for number, layer in enumerate(layers)
    }
    prompt = a_prompt(parameters=given_by["prompt"])
    request = a_request(
        prompt,
        defaults=given_by["defaults"],
        settings=given_by["settings"],
        **given_by["overrides"],
    )
    found = parameters_of(prompt, request.library, request.settings, request.overrides)
    assert [getattr(found, name) for name in names] == [10, 20, 30, 40]
    (task, *_) = plan(request).tasks
    assert [getattr(task.parameters, name) for name in names] == [10, 20, 30, 40]


def test_each_prompt_has_its_own_parameters() -> None:
    prompts = (a_prompt("a", parameters={"steps": 3}), a_prompt("b"))
    job = plan(a_request(*prompts, settings={"guidance_scale": 0.5}))
    assert [(t.prompt_id, t.parameters.steps, t.parameters.guidance_scale) for t in job.tasks] == [
        ("a", 3, 0.5),
        ("b", 20, 0.5),
    ]


def test_without_prompt_and_library_the_defaults_are_used() -> None:
    assert parameters_of(None, None, {}) == GenerationParameters()


def test_layers_are_validated_together() -> None:
    with pytest.raises(ParameterError, match=r"^height = 1:"):
        parameters_of(a_prompt(), None, {"height": 1}, {"steps": 5})


# ---- seeds ---------------------------------------------------------------------------------------


def test_increment_counts_up_and_wraps() -> None:
    assert seeds(a_job(count=3, seed=5)) == [5, 6, 7]
    assert seeds(a_job(count=4, seed=MAX_SEED - 1)) == [MAX_SEED - 1, MAX_SEED, 0, 1]


def test_fixed_uses_the_same_seed_for_different_texts() -> None:
    one, two = a_prompt("a"), a_prompt("b")
    job = a_job(one, two, count=5, seed=9, seed_mode="fixed")
    assert [(task.prompt_id, task.seed) for task in job.tasks] == [("a", 9), ("b", 9)]
    slotted = a_job(a_prompt(text=SLOTTED_TEXT, slots=SLOTS), count=40, seed=9, seed_mode="fixed")
    assert set(seeds(slotted)) == {9}
    assert len({task.text for task in slotted.tasks}) == slotted.size > 1


def test_random_draws_one_seed_per_image_repeatably() -> None:
    first, again = (a_job(count=30, seed=1, seed_mode="random") for _ in range(2))
    assert seeds(first) == seeds(again)
    assert len(set(seeds(first))) == 30
    assert all(0 <= seed <= MAX_SEED for seed in seeds(first))
    assert max(seeds(first)) > 2**31  # fails by chance once in a billion runs
    assert set(seeds(first)).isdisjoint(seeds(a_job(count=30, seed=2, seed_mode="random")))


def test_without_a_seed_a_job_draws_one_for_all_its_prompts() -> None:
    prompts = (a_prompt("a"), a_prompt("b"))
    jobs = [plan(a_request(*prompts, count=2)) for _ in range(3)]
    firsts = [seeds(job)[0] for job in jobs]
    assert len(set(firsts)) > 1
    for job, first in zip(jobs, firsts, strict=True):
        following = (first + 1) % 2**32
        assert seeds(job) == [first, following, first, following]


# ---- repeatability -------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["increment", "fixed", "random"])
def test_the_same_request_and_seed_give_the_same_tasks(mode: str) -> None:
    prompt = a_prompt(text=SLOTTED_TEXT, slots=SLOTS)
    first, again = (a_job(prompt, count=9, seed_mode=mode) for _ in range(2))
    assert [task.id for task in first.tasks] == [task.id for task in again.tasks]
    assert first.id != again.id


def test_slots_are_recorded_and_written_into_the_text() -> None:
    job = a_job(a_prompt(text=SLOTTED_TEXT, slots=SLOTS), count=30)
    for task in job.tasks:
        assert task.text == SLOTTED_TEXT.format(**task.slots)
        assert task.slots["view"] in SLOTS["view"]
        assert task.view == task.slots["view"]  # of this image, not of the prompt
        assert task.slots["sex"] in SLOTS["sex"]
    assert len({tuple(task.slots.values()) for task in job.tasks}) > 3


def test_a_larger_count_begins_with_the_tasks_of_a_smaller_count() -> None:
    prompt = a_prompt(text=SLOTTED_TEXT, slots=SLOTS)
    few, many = (a_job(prompt, count=count, seed_mode="random") for count in (4, 12))
    assert [task.id for task in many.tasks][:4] == [task.id for task in few.tasks]


@pytest.mark.parametrize(
    "change",
    [
        {"scheduler": "ddim"},
        {"steps": 3},
        {"guidance_scale": 2.5},
        {"width": 80},
        {"height": 80},
        {"dtype": "float32"},
        {"device": "auto"},
        {"seed": 8},
        {"negative_prompt": "blurry"},
    ],
)
def test_parameters_that_decide_the_pixels_decide_the_task(change: dict[str, Any]) -> None:
    (task,), (other,) = a_job().tasks, a_job(**change).tasks
    assert task.id != other.id


@pytest.mark.parametrize("name", SCHEDULERS)
def test_eta_decides_the_task_if_the_scheduler_uses_it(name: SchedulerName) -> None:
    step = getattr(diffusers, SCHEDULERS[name].class_name).step
    uses_it = "eta" in inspect.signature(step).parameters
    (task,), (other,) = a_job(scheduler=name).tasks, a_job(scheduler=name, eta=0.5).tasks
    assert (task.id != other.id) is uses_it


def test_an_eta_without_effect_gives_a_notice() -> None:
    def noticed(**overrides: Any) -> bool:
        request = a_request(**overrides)
        return "eta is ignored" in idle_eta(request, plan(request))

    assert noticed(eta=0.5)
    assert not noticed(eta=0.5, scheduler="ddim")
    assert not noticed(eta=0.0)
    assert not noticed()


def test_the_check_of_a_library_finds_the_problems_that_planning_would_find() -> None:
    prompts = (
        a_prompt("a", parameters={"width": 72}),
        a_prompt("b"),
        a_prompt("c", parameters={"model": "nosuch"}),
    )
    library = a_request(*prompts, defaults={"height": 200}).library
    height, width, model = sorted(problems_of(library, {}), key=lambda problem: problem.path)
    assert width.path == ("prompts", 0, "parameters", "width")
    assert str(width).startswith("parameters: width = 72: model bundled needs a multiple of 16")
    assert height.path == ("defaults", "parameters", "height")  # reported once for all prompts
    assert str(height).startswith("defaults.parameters: height = 200: ")
    assert model.path == ("prompts", 2, "parameters", "model") and "nosuch" in model.sentence
    assert problems_of(library, {"width": 256, "height": 256}) == [model]
    (wrong,) = problems_of(a_request(*prompts[:2]).library, {"width": 200})
    assert wrong.path == ()
    assert str(wrong).startswith("your settings (config.toml or XRAY_TUI_WIDTH): width = 200: ")


def test_batch_size_and_seed_mode_do_not_decide_the_task() -> None:
    (task,), (other,) = a_job().tasks, a_job(batch_size=9, seed_mode="random", count=1).tasks
    assert replace(other, seed=task.seed).id == task.id


def test_duplicates_are_planned_once() -> None:
    prompt = a_prompt()
    job = a_job(prompt, prompt, count=3)
    assert seeds(job) == [7, 8, 9]


def test_a_task_copies_the_fields_of_its_prompt() -> None:
    prompt = a_prompt("knee-1", region="knee", label="severe", view="AP", findings=["a", "b"])
    (task,) = a_job(prompt).tasks
    assert (task.prompt_id, task.region, task.label) == ("knee-1", "knee", "severe")
    assert (task.view, task.findings, task.text) == ("AP", ("a", "b"), prompt.text)
    assert task.model_fingerprint == fingerprint(resolve("bundled"))


def test_title_and_time() -> None:
    job = a_job(a_prompt("knee-healthy"), count=3)
    assert job.title == "normal · 3 images"
    assert job.created.endswith("+00:00")
    assert job.size == 3


@pytest.mark.parametrize(
    ("labels", "count", "title"),
    [
        (["effusion"], 1, "effusion · 1 image"),
        (["effusion", "effusion"], 1, "effusion · 2 images"),
        (["effusion", "normal", "effusion", "nodule"], 1, "effusion +2 · 4 images"),
        (["normal"], 1500, "normal · 1,500 images"),
    ],
)
def test_a_job_is_named_by_what_it_makes(labels: list[str], count: int, title: str) -> None:
    prompts = [a_prompt(f"p{number}", label=label) for number, label in enumerate(labels)]
    assert a_job(*prompts, count=count).title == title


def test_the_same_label_of_two_regions_counts_twice_in_a_title() -> None:
    chest, knee = a_prompt("a"), a_prompt("b", region="knee")
    assert a_job(chest, knee).title == "normal +1 · 2 images"


# ---- negative prompts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("library", "own", "parameter", "expected"),
    [
        ("", None, None, ""),
        ("library", None, None, "library"),
        ("library", "own", None, "own"),
        ("library", "", None, ""),
        ("library", "own", "given", "given"),
        ("library", "own", "", ""),
        ("library", None, "given", "given"),
    ],
)
def test_the_parameter_overrides_the_negative_prompts_of_prompt_and_library(
    library: str, own: str | None, parameter: str | None, expected: str
) -> None:
    prompt = a_prompt(negative=own)
    (task,) = plan(a_request(prompt, negative=library, negative_prompt=parameter)).tasks
    assert task.negative_prompt == expected


# ---- batches -------------------------------------------------------------------------------------


def test_prompts_share_batches() -> None:
    prompts = [a_prompt(f"p-{number}") for number in range(3)]
    job = a_job(*prompts, count=2, batch_size=4)
    assert [len(batch) for batch in job.batches] == [4, 2]
    assert [task.prompt_id for task in job.tasks] == ["p-0", "p-0", "p-1", "p-1", "p-2", "p-2"]


def test_tasks_that_cannot_share_a_batch_are_separated() -> None:
    prompts = (
        a_prompt("a", parameters={"scheduler": "ddim"}),
        a_prompt("b"),
        a_prompt("c", parameters={"scheduler": "ddim"}),
    )
    job = plan(a_request(*prompts, batch_size=4, seed=1, count=2))
    assert [[task.prompt_id for task in batch] for batch in job.batches] == [
        ["a", "a", "c", "c"],
        ["b", "b"],
    ]


parameter_sets = st.fixed_dictionaries(
    {},
    optional={
        "scheduler": st.sampled_from(["ddim", "euler", "dpm++-2m"]),
        "steps": st.integers(1, 3),
        "guidance_scale": st.sampled_from([0, 1.0, 2.5]),
        "width": st.sampled_from([64, 96, 256]),
        "batch_size": st.integers(1, 5),
        "count": st.integers(1, 7),
        "negative_prompt": st.sampled_from(["", "blurry"]),
    },
)
shared_sets = st.fixed_dictionaries(
    {"seed": st.sampled_from([0, 7, MAX_SEED]) | st.integers(0, MAX_SEED)},
    optional={
        "seed_mode": st.sampled_from(["increment", "fixed", "random"]),
        "eta": st.floats(0, 1),
    },
)


@settings(max_examples=40)
@given(st.lists(parameter_sets, min_size=1, max_size=4), shared_sets)
def test_any_request_is_planned_completely_and_in_order(
    own: list[dict[str, Any]], shared: dict[str, Any]
) -> None:
    prompts = [
        a_prompt(f"p-{number}", text=SLOTTED_TEXT, slots=SLOTS, parameters=parameters)
        for number, parameters in enumerate(own)
    ]
    job, again = plan(a_request(*prompts, **shared)), plan(a_request(*prompts, **shared))
    tasks = list(job.tasks)

    assert [task.id for task in tasks] == [task.id for task in again.tasks]
    assert len({task.id for task in tasks}) == len(tasks) == job.size
    for prompt, parameters in zip(prompts, own, strict=True):
        planned = [task for task in tasks if task.prompt_id == prompt.id]
        count = parameters.get("count", 1)
        if shared.get("seed_mode", "increment") == "increment":
            assert [task.seed for task in planned] == [
                (shared["seed"] + index) % 2**32 for index in range(count)
            ]
        else:
            assert 1 <= len(planned) <= count
        assert all(0 <= task.seed <= MAX_SEED for task in planned)

    def shares(batch: tuple[Any, ...]) -> set[tuple[Any, ...]]:
        return {
            (
                task.parameters.model,
                task.model_fingerprint,
                *(getattr(task.parameters, name) for name in PIXEL_FIELDS),
            )
            for task in batch
        }

    for batch in job.batches:
        assert len(shares(batch)) == 1
        assert 1 <= len(batch) <= min(task.parameters.batch_size for task in batch)
    for batch, following in pairwise(job.batches):  # only a group's last batch may be smaller
        if shares(batch) == shares(following) and batch[0].parameters == following[0].parameters:
            assert len(batch) == batch[0].parameters.batch_size


# ---- models and limits ---------------------------------------------------------------------------


def test_without_a_size_the_native_size_is_used() -> None:
    info = resolve("bundled")
    (task,) = plan(a_request()).tasks
    assert (task.parameters.width, task.parameters.height) == info.native_size
    (task,) = plan(a_request(height=64)).tasks
    assert (task.parameters.width, task.parameters.height) == (info.native_size[0], 64)


@pytest.mark.parametrize("name", ["width", "height"])
@pytest.mark.parametrize("side", [72, 136, 248, 1000])
def test_a_side_that_is_not_a_multiple_of_the_latents_is_refused(name: str, side: int) -> None:
    factor = resolve("bundled").checkpoint.latent_factor
    assert side % factor, "choose other sides"
    with pytest.raises(ParameterError, match=rf"^{name} = {side}: model bundled .*{factor}") as bad:
        plan(a_request(**{name: side}))
    example = int(str(bad.value).rsplit(" ", 1)[1])
    assert plan(a_request(**{name: example})).size == 1


def model_of_size(folder: Any, latents: int) -> str:
    """A checkpoint like the bundled one, with another native size."""
    folder.mkdir()
    for path in bundled_path().iterdir():
        if path.name != "unet":
            (folder / path.name).symlink_to(path)
    (folder / "unet").mkdir()
    for path in (bundled_path() / "unet").iterdir():
        if path.name != "config.json":
            (folder / "unet" / path.name).hardlink_to(path)
    config = json.loads((bundled_path() / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps(config | {"sample_size": latents}))
    return str(folder)


@pytest.mark.parametrize("latents", [2, 256])
def test_a_model_whose_native_size_is_out_of_range_needs_a_size(
    latents: int, tmp_path: Any
) -> None:
    model = model_of_size(tmp_path / "\x1b[31mmodel", latents)
    with pytest.raises(ParameterError) as error:
        plan(a_request(model=model))
    advised("its native size is out of range; set width and height", str(error.value))
    assert str(error.value).isprintable()
    assert plan(a_request(model=model, width=64, height=128)).size == 1
    with pytest.raises(ParameterError, match=r"^width = 72: ") as error:
        plan(a_request(model=model, width=72, height=64))
    assert str(error.value).isprintable()


def test_a_missing_model_is_refused() -> None:
    with pytest.raises(ModelError, match="no/such/model"):
        plan(a_request(model="/no/such/model"))
    with pytest.raises(ModelError, match="no/such/model"):  # even if only one prompt uses it
        plan(a_request(a_prompt("a"), a_prompt("b", parameters={"model": "/no/such/model"})))


def test_too_many_tasks_are_refused_before_anything_is_planned() -> None:
    prompts = [a_prompt(f"p-{number}") for number in range(3)]
    with pytest.raises(ParameterError, match=f"300,000 images .*{MAX_TASKS:,}") as error:
        plan(a_request(*prompts, count=100_000, model="/no/such/model"))
    advised("can be queued at once; lower count or choose fewer prompts", str(error.value))
    assert plan(a_request(*prompts[:2], count=2)).size == 4


def test_a_model_is_inspected_once_for_a_library_of_thousands_of_prompts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inspected: list[str] = []

    def inspect_model(ref: str) -> ModelInfo:
        inspected.append(ref)
        return resolve(ref)

    monkeypatch.setattr(library_check, "resolve", inspect_model)
    prompts = [a_prompt(f"p{number}") for number in range(500)]
    assert problems_of(a_request(*prompts).library, {}) == []
    assert inspected == ["bundled"]
