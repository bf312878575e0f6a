"""The preview shows which images exist, also after another process purged or restored some."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.workbench import Workbench

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.parameters import GenerationParameters
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.workbench import history_controller
from xray_tui.tui.workbench.screen import WorkbenchScreen

PROMPT = "chest-normal-adult"
PARAMETERS = GenerationParameters.build({"width": 64, "height": 64, "steps": 20})


def save(dataset: Dataset, seed: int) -> None:
    task = make_task(seed, prompt_id=PROMPT, parameters=PARAMETERS)
    dataset.save(make_image(seed, 64, 64), task, make_provenance(), "job-1")


def elsewhere(app: Workbench, act: Callable[[ReviewDesk], object]) -> None:
    """What another process does with the dataset."""
    with closing(Dataset(app.dataset.root)) as dataset:
        act(dataset.desk())


async def test_a_purge_in_the_review_and_its_undo_reach_the_preview(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    for seed in range(3):
        save(app.dataset, seed)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("Preview 3/3")
        app.dataset.desk().set_decision([3], "rejected")
        for keys, expected in ((("delete", "m"), 2), (("z",), 3)):
            await pilot.press("f2")
            await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
            await pilot.press(*keys)
            await app.until(lambda expected=expected: len(app.screen.images.ids) == expected)
            await pilot.press("f2")
            await app.until(lambda: isinstance(app.screen, WorkbenchScreen))
            await app.shows(f"Preview {expected}/{expected}")
        await app.shows("· seed 2 ")


async def test_a_purge_by_another_process_reaches_the_preview(
    workbench: Callable[..., Workbench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_controller, "LOOK_SECONDS", 0.05)
    app = workbench()
    for seed in range(3):
        save(app.dataset, seed)
    app.dataset.desk().set_decision([1, 3], "rejected")
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("Preview 3/3")
        app.workbench.query_one(Preview).focus()
        await pilot.press("left", "left")
        await app.shows("Preview 1/3")
        await pilot.pause(0.3)  # until the app has looked once
        elsewhere(app, lambda desk: desk.purging.purge())
        await app.shows("Preview 1/1")
        await app.shows("· seed 1 ")
        elsewhere(app, lambda desk: desk.purging.restore_latest())
        await app.shows("/3")


async def test_a_decision_on_a_purged_image_removes_it_from_the_preview(
    workbench: Callable[..., Workbench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_controller, "LOOK_SECONDS", 1000)
    app = workbench()
    for seed in range(2):
        save(app.dataset, seed)
    app.dataset.desk().set_decision([2], "rejected")
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("Preview 2/2")
        elsewhere(app, lambda desk: desk.purging.purge())
        app.workbench.query_one(Preview).focus()
        await pilot.press("x", "1")
        await app.logs("This image is no longer in the dataset")
        await app.shows("Preview 1/1")
        await app.until(lambda: "reason:" not in app.text)
        assert "F5" not in app.text
        elsewhere(app, lambda desk: desk.set_decision([1], "rejected"))
        elsewhere(app, lambda desk: desk.purging.purge())
        await pilot.press("p")
        await app.until(lambda: "Preview 1" not in app.text and "seed 0" not in app.text)
