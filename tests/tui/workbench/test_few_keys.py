"""How many keys the common tasks need, from a fresh start."""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image
from support.advice import advised
from support.dataset_samples import make_provenance
from support.workbench import Workbench

from xray_tui.dataset.review.targets import Targets
from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.tui.parameters.parameter_row import ParameterRow
from xray_tui.tui.parameters.preflight_line import PreflightLine
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review.statistics.screen import StatisticsScreen
from xray_tui.tui.textual_internals import notifications


def totals(app: Workbench) -> list[int]:
    """The number of images of each job."""
    return [row.total for row in app.dataset.queue.rows()]


def line(app: Workbench) -> str:
    return str(app.workbench.query_one(PreflightLine).content)


async def test_the_first_picture_of_a_newcomer_needs_one_key(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(80, 24)) as pilot:
        assert line(app) == "g · chest-normal-adult · 1 image · time and size not known yet"
        await pilot.press("g")
        await app.until(lambda: totals(app) == [1])


async def test_200_images_of_each_of_four_labels_need_11_keys(
    workbench: Callable[..., Workbench],
) -> None:
    keys = ["down", "space", "space", "space", "space", "tab", "2", "0", "0", "g", "a"]
    app = workbench()
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys[:-1])
        await app.shows("800 images would be generated")
        form = app.workbench.form
        visible = [
            row for row in form.query(ParameterRow) if form.region.contains_region(row.region)
        ]
        assert len(visible) >= 6  # all that are not behind Advanced
        assert "g · 4 prompts × 200 = 800 images" in line(app)
        await pilot.press(keys[-1])
        await app.until(lambda: totals(app) == [800])
        request = app.dataset.queue.rows()[0].request
        assert len(set(request["prompts"])) == 4
    assert len(keys) <= 12


async def test_the_shortfall_needs_two_keys(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    app.dataset.queue.set_paused(True)
    Targets(app.dataset.root).set({("knee", "healthy"): 3})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, ReviewScreen))
        await pilot.press("S")
        await app.until(lambda: isinstance(app.screen, StatisticsScreen))
        await app.shows("healthy")
        await pilot.press("g")
        await app.until(lambda: totals(app) == [3])


async def test_the_line_follows_marks_fields_filter_and_library(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("space", "space")
        await app.until(lambda: "2 prompts × 1 = 2 images" in line(app))
        await pilot.press("tab", "5")
        await app.until(lambda: "2 prompts × 5 = 10 images" in line(app))
        await pilot.press("enter", "down", "down", *"999")
        await app.until(lambda: "not within 1 to 200" in line(app))
        await pilot.press("escape", "z", "shift+tab", "slash", *"knee", "enter")
        await app.until(lambda: "10 images · time and size not known yet · 2 hidden" in line(app))
        app.workbench.prompts.mark_only(["chest-lung-nodule", "knee-healthy"])
        await app.until(lambda: "1 hidden by the filter · 1 not trained" in line(app))
        await pilot.press("escape", "m")
        await pilot.pause()
        assert "g · 2 prompts" in app.text  # a maximised pane leaves it visible


async def test_the_line_says_how_many_images_of_a_fixed_seed_exist(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)):
        form, library = app.workbench.form, app.workbench.library.library
        assert library is not None
        form.set_overrides({"seed": 7, "count": 2})
        await app.until(lambda: "2 images · time" in line(app))
        settings = app.workbench.settings.generation
        request = JobRequest(app.workbench.prompts.selected, library, form.overrides, settings)
        first, second = plan(request).tasks
        with app.dataset.generator_lock():
            for task in (first, second):
                image = Image.new("L", (task.parameters.width or 0, task.parameters.height or 0))
                record = app.dataset.save(image, task, make_provenance(), "job-1")
        app.workbench._preflight.recount()
        await app.until(lambda: line(app).endswith("2 images · all exist"))  # no time, no space
        form.set_override("count", 3)
        await app.until(lambda: "3 images · 2 exist · " in line(app))
        form.set_override("seed_mode", "fixed")  # the slots differ, so the images do
        await app.until(lambda: "3 images · 1 exists" in line(app))
        form.set_override("seed", 8)
        await app.until(lambda: "exist" not in line(app))
        app.dataset.path_of(record).unlink()
        form.set_overrides({"seed": 7, "count": 2})
        await app.until(lambda: "2 images · 1 exists" in line(app))
        app.workbench._preflight.add(record, app.dataset.path_of(record))
        await app.until(lambda: "2 images · all exist" in line(app))


async def test_ctrl_c_says_how_to_quit_in_workbench_and_review(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(keys={"quit": "f8"})
    async with app.run_test(size=(80, 24)) as pilot:
        for screen in ("workbench", "review"):
            app.clear_notifications()
            await pilot.press("ctrl+c")
            await pilot.pause()
            (toast,) = notifications(app)
            advised("To quit, press ", toast.message)
            assert (toast.title, toast.message) == ("", "To quit, press F8"), screen
            await pilot.press("f2" if screen == "workbench" else "f8")
            await pilot.pause()
    assert not app.is_running
