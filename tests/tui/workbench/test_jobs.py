"""Jobs in the workbench: images, the queue, and quitting; with the real engine and checkpoint."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.dataset_samples import make_job, make_task
from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.parameters.parameter_row import ParameterRow
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.workbench.queue_view import QueueView
from xray_tui.tui.workbench.screen import WorkbenchScreen


async def test_an_image_is_generated_shown_counted_and_decided_on(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await pilot.press("g")
        await app.shows("chest-normal-adult_7_")
        await app.until(lambda: app.counts == "1")  # in the prompt list
        (record,) = app.dataset.catalog.records()
        app.workbench.query_one(Preview).focus()
        await pilot.press("p")
        await app.until(lambda: app.counts == "1 (1)")
        (review,) = app.dataset.catalog.reviews(record.id)
        assert review.opinion.decision == "accepted"
        await pilot.press("u")
        await app.until(lambda: app.counts == "1")
    lines = (tmp_path / "dataset/.xray-tui/reviews.jsonl").read_text().splitlines()
    assert [json.loads(line)["decision"] for line in lines] == ["accepted", "undecided"]


async def test_decisions_are_shown_again_at_the_next_start(
    workbench: Callable[..., Workbench],
) -> None:
    first = workbench()
    async with first.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await first.until(lambda: first.dataset.catalog.record_count() == 1)
        # leave at once: events that arrive while the screen is removed cause no error
    (record,) = first.dataset.catalog.records()
    first.dataset.desk().set_decision([record.id], "rejected")
    first.finish()
    again = workbench()
    async with again.run_test(size=(120, 36)):
        await again.shows("rejected")


async def test_a_wrong_parameter_queues_nothing_and_an_ignored_parameter_is_reported(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        form = app.workbench.query_one(ParameterForm)
        steps = form.query_one("#row-steps", ParameterRow)
        steps.text = "0"
        await pilot.pause()
        app.workbench.query_one(PromptList).focus()
        await pilot.press("g")
        await app.logs("is not within 1 to 200")
        assert not app.dataset.queue.rows()
        app.dataset.queue.set_paused(True)
        form.set_overrides({"eta": 0.5})
        await pilot.pause()
        await pilot.press("g")
        await app.logs("eta is ignored: only ddim and tcd use it")
        assert len(app.dataset.queue.rows()) == 1
    assert not list(app.dataset.root.glob("*/*/*.png"))


async def test_a_missing_model_is_reported_and_nothing_is_queued(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(model="/no/such/model")
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await app.logs("no such folder")
        assert not app.engine.busy


async def test_the_queue_is_paused_resumed_and_cancelled(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=200)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await app.shows("step ")
        app.workbench.query_one(QueueView).query_one(OptionList).focus()
        await pilot.press("P")
        await app.logs("Queue paused")
        assert app.engine.paused
        await pilot.press("P")
        await app.until(lambda: not app.engine.paused)
        await pilot.press("delete")
        await app.until(lambda: not app.engine.busy)
    assert not list(app.dataset.root.rglob("*.tmp"))


async def test_jobs_are_paused_moved_duplicated_edited_and_cleared_by_keys(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=2)
    queue = app.dataset.queue

    def states() -> list[str]:
        return [row.state for row in queue.rows()]

    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        queue.set_paused(True)
        await app.logs("Queue paused")
        await pilot.press("g", "down", "g")
        await app.until(lambda: states() == ["queued", "queued"])
        first, second = (row.id for row in queue.rows())
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: jobs.option_count == 2)
        jobs.focus()
        await pilot.press("home", "space")
        await app.until(lambda: states() == ["paused", "queued"])
        await pilot.press("space")
        await app.until(lambda: states() == ["queued", "queued"])
        await pilot.press("J")
        await app.until(lambda: [row.id for row in queue.rows()] == [second, first])
        await app.until(lambda: jobs.get_option_at_index(0).id == second)
        await pilot.press("d")
        await app.until(lambda: len(states()) == 3)
        copy = queue.rows()[-1]
        assert copy.request["prompts"] == queue.row(first).request["prompts"]  # type: ignore[union-attr]
        assert copy.request["overrides"]["seed"] is None
        await pilot.press("home", "e")
        await app.logs("Job loaded into the form")
        assert queue.state(second) == "cancelled"
        (marked,) = app.workbench.query_one(PromptList).selected
        assert marked.id == queue.row(second).request["prompts"][0]  # type: ignore[union-attr]
        jobs.focus()
        await pilot.press("ctrl+l")
        await app.until(lambda: jobs.option_count == 2)
        assert second not in [row.id for row in queue.rows()]
        queue.set_task_states(first, [next(iter(queue.load(first).tasks)).id], "done")
        await pilot.press("home", "e")
        await app.logs("A started job cannot be edited")
        assert queue.state(first) == "queued"
        await pilot.press("delete")
        await app.until(lambda: queue.state(first) == "cancelled")
        await pilot.press("home", "e")
        await app.logs("A cancelled job cannot be edited. Press d to queue a copy")


async def test_all_jobs_are_cancelled_after_a_question_with_numbers_and_come_back_with_z(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=3)
    queue = app.dataset.queue
    queue.set_paused(True)
    for name in ("a", "b"):
        queue.add(make_job([make_task(1), make_task(2)], name))
        queue.pause(name)

    def states() -> list[str]:
        return [row.state for row in queue.rows()]

    async with app.run_test(size=(120, 36)) as pilot:
        app.workbench.query_one(QueueView).query_one(OptionList).focus()
        for key, after in (("enter", "paused"), ("c", "cancelled")):
            await pilot.press("ctrl+delete")
            await app.until(lambda: isinstance(app.screen, QuestionScreen))
            assert "2 jobs would stop, with 4 images to go" in app.text
            await pilot.press(key)  # enter takes the safe answer
            await app.until(lambda after=after: states() == [after] * 2)
        await app.logs("Cancelled 2 jobs · z to undo")
        await pilot.press("z")
        await app.until(lambda: states() == ["paused"] * 2)
        await app.logs("Undone: cancelled 2 jobs")
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: jobs.option_count == 2)
        await pilot.press("home", "delete")
        await app.until(lambda: states() == ["cancelled", "paused"])
        await pilot.press("delete")  # a finished job is removed from the list
        await app.until(lambda: jobs.option_count == 1)
        await app.logs("Removed a job from the queue · z to undo")
        await pilot.press("z", "z")
        await app.until(lambda: [option.id for option in jobs.options] == ["a", "b"])
        await app.until(lambda: states() == ["paused"] * 2)


@pytest.mark.parametrize(
    ("key", "state"),
    [
        ("g", "done"),
        pytest.param("l", "interrupted", marks=pytest.mark.slow),
        pytest.param("c", "cancelled", marks=pytest.mark.slow),
    ],
)
async def test_the_next_start_offers_to_resume_unfinished_jobs(
    workbench: Callable[..., Workbench], key: str, state: str
) -> None:
    first = workbench()
    async with first.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        first.dataset.queue.set_paused(True)
        await first.logs("Queue paused")
        await pilot.press("g")
        await first.until(first.dataset.queue.rows)
    (job,) = first.dataset.queue.rows()
    first.dataset.queue.set_paused(False)
    first.finish()
    again = workbench()
    async with again.run_test(size=(120, 36)) as pilot:
        await again.until(lambda: isinstance(again.screen, QuestionScreen))
        assert '"normal · 1 image" has not started yet' in again.text
        assert "1 unfinished job" in again.text and "jobs" not in again.text.split("unfinished")[1]
        assert again.dataset.queue.state(job.id) == "queued" and not again.engine.busy
        await pilot.press(key)
        await again.until(lambda: again.dataset.queue.state(job.id) == state)
        assert again.dataset.catalog.record_count() == int(state == "done")


async def test_quitting_while_a_job_runs_asks_and_escape_stays(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=200)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await app.until(lambda: app.engine.busy)
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, WorkbenchScreen)
        await pilot.press("q")
        await pilot.press("s")
        await app.until(lambda: not app.is_running)
    assert app.engine.join(60)


async def test_a_result_that_arrives_while_the_app_ends_causes_no_error(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)):
        preview = app.workbench.query_one(Preview)
        # as at the end of the app, when widgets are removed one by one
        await preview.query_one(PictureView).remove()
        await asyncio.to_thread(app.workbench.from_thread, preview.show_history, [])


async def test_a_change_that_waits_while_the_app_ends_causes_no_error(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        missed: list[str] = []
        for later in (app.workbench.after_refresh, partial(app.workbench.every, 0.01)):
            later(lambda: missed.append("x") or app.workbench.query_one("#removed"))
        await pilot.pause(0.1)
        assert len(missed) >= 2


async def test_an_idle_app_quits_at_once(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("q")
        await app.until(lambda: not app.is_running, 10)


async def test_generating_into_a_paused_queue_says_so(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("g")
        await app.logs("Queued normal · 1 image, but the queue is paused. Press P to resume it.")
        assert len(app.dataset.queue.rows()) == 1
        app.workbench.queue.query_one(OptionList).focus()
        await pilot.press("P")
        await app.until(lambda: not app.dataset.queue.paused)


async def test_a_job_made_from_a_table_is_not_copied_without_its_rows(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        app.dataset.queue.set_paused(True)
        asked = {"prompts": [], "overrides": {}, "table": "r.csv", "rows": 1}
        app.dataset.queue.add(make_job([make_task()]), asked)
        app.workbench._queue.do("job-1", "duplicate")
        await app.logs("This job was made from a table, r.csv, not from the library.")
        assert len(app.dataset.queue.rows()) == 1
