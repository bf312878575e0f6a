"""A finished image as the start of new ones, from the preview and from the review."""

from __future__ import annotations

from collections.abc import Callable

from support.dataset_samples import make_image, make_provenance, make_task
from support.workbench import Workbench
from textual.widgets import Input

from xray_tui.dataset.dataset import Dataset
from xray_tui.parameters import GenerationParameters
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.workbench.adhoc.line import AdHocLine
from xray_tui.tui.workbench.screen import WorkbenchScreen

PROMPT = "knee-healthy"
PARAMETERS = GenerationParameters.build({"width": 64, "height": 64, "steps": 20})


def save(dataset: Dataset, prompt_id: str, *seeds: int) -> None:
    for seed in seeds:
        text = f"Knee {{{seed}}} from the front."
        task = make_task(seed, prompt_id=prompt_id, text=text, parameters=PARAMETERS)
        dataset.save(make_image(seed, 64, 64), task, make_provenance(), "job-1")


async def test_e_takes_prompt_seed_and_parameters_into_the_form(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, PROMPT, 41, 42)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 42 ")
        screen = app.workbench
        screen.query_one(Preview).focus()
        screen.prompts.mark_only(["chest-normal-adult"])
        await pilot.press("e")
        await app.logs("w has the exact text")
        await pilot.press("z")
        assert screen.form.overrides == {}
        assert screen.prompts.remembered.marks == {"chest-normal-adult"}
        await pilot.press("Z")
        assert screen.form.overrides["seed"] == 42 and screen.form.overrides["steps"] == 20
        assert [prompt.id for prompt in screen.prompts.selected] == [PROMPT]
        await pilot.press("w")
        await app.until(lambda: isinstance(app.screen, AdHocLine))
        assert app.screen.query_one(Input).value == "Knee {{42}} from the front."
        await pilot.press("escape", "f2")
        await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
        await pilot.press("e")
        await app.until(lambda: isinstance(app.screen, WorkbenchScreen))
        await app.until(lambda: screen.form.overrides["seed"] == 41)
        await app.logs("are in the form. Press g to generate.")
        app.dataset.queue.set_paused(True)
        await pilot.press("g")
        await app.until(lambda: [row.state for row in app.dataset.queue.rows()] == ["queued"])
        (job,) = app.dataset.queue.rows()
        assert [task.seed for task in app.dataset.queue.load(job.id).tasks] == [41]


async def test_the_text_of_an_image_without_its_prompt_is_offered_as_an_ad_hoc_prompt(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, "deleted-since", 8)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 8 ")
        app.workbench.query_one(Preview).focus()
        await pilot.press("e")
        await app.until(lambda: isinstance(app.screen, AdHocLine))
        assert app.screen.query_one(Input).value == "Knee {{8}} from the front."
        assert app.workbench.form.overrides["seed"] == 8


async def test_r_queues_the_same_again_and_y_copies(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    save(app.dataset, PROMPT, 41, 42)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 42 ")
        app.engine.pause()
        app.workbench.query_one(Preview).focus()
        await pilot.press("r")
        await app.logs("Queued normal · 1 image")
        (job,) = [app.dataset.queue.load(row.id) for row in app.dataset.queue.rows(("queued",))]
        (task,) = job.tasks
        assert (task.prompt_id, task.text) == (PROMPT, "Knee {42} from the front.")
        assert task.seed != 42 and task.parameters.steps == 20
        await pilot.press("y", "s")
        assert app.clipboard == "42"
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
        await pilot.press("V", "r")
        await app.until(lambda: len(app.dataset.queue.rows(("queued",))) == 2)
        assert sum(row.total for row in app.dataset.queue.rows(("queued",))) == 3
