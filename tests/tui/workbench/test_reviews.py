"""The preview shows decisions made in the review, and decisions are stored in order."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest
from support.dataset_samples import make_image, make_job, make_provenance, make_task
from support.job_states import bring_to
from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.parameters import GenerationParameters
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.textual_internals import notifications
from xray_tui.tui.workbench.queue_view import QueueView
from xray_tui.tui.workbench.screen import WorkbenchScreen

PROMPT = "chest-normal-adult"
PARAMETERS = GenerationParameters.build({"width": 64, "height": 64, "steps": 20})


def toasts(app: Workbench) -> str:
    return "\n".join(toast.message for toast in notifications(app))


def save(dataset: Dataset, count: int) -> None:
    for seed in range(count):
        task = make_task(seed, prompt_id=PROMPT, parameters=PARAMETERS)
        dataset.save(make_image(seed, 64, 64), task, make_provenance(), "job-1")


async def test_preview_and_counts_show_the_changes_of_a_review(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, 2)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.until(lambda: app.counts == "2")  # in the prompt list
        await app.shows("· seed 1 ")
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
        await pilot.press("G", "p", "R", *"other", "enter")
        await app.until(lambda: "other" in app.dataset.catalog.records()[0].file)
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, WorkbenchScreen))
        await app.until(lambda: app.counts == "2 (1)")
        await app.shows("✓ accepted")
        app.workbench.query_one(Preview).focus()
        await pilot.press("m")
        await app.shows("chest/other/")


@pytest.mark.parametrize(("keys", "decision"), [("px", "rejected"), ("pu", "undecided")])
async def test_the_last_of_several_fast_decisions_is_stored(
    workbench: Callable[..., Workbench],
    monkeypatch: pytest.MonkeyPatch,
    keys: str,
    decision: Decision,
) -> None:
    done: list[Decision] = []
    set_decision = ReviewDesk.set_decision

    def slow_at_first(desk: ReviewDesk, ids: Sequence[int], new: Decision) -> int:
        if new == "accepted":
            time.sleep(0.3)
        done.append(new)
        return set_decision(desk, ids, new)

    monkeypatch.setattr(ReviewDesk, "set_decision", slow_at_first)
    app = workbench()
    save(app.dataset, 1)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 0 ")
        app.workbench.query_one(Preview).focus()
        await pilot.press(*keys)
        await app.until(lambda: len(done) == 2)
        await app.until(lambda: not any(worker.group == "decisions" for worker in app.workers))
    (row,) = app.dataset.desk().index.rows([1])
    assert row.opinion.decision == decision


async def test_rejecting_with_a_reason_takes_two_keys_in_the_preview(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, 1)
    desk = app.dataset.desk()
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 0 ")
        app.workbench.query_one(Preview).focus()
        await pilot.press("x", "4")
        await app.shows("Rejected · reason: 1 anatomy")
        await app.until(lambda: desk.index.rows([1])[0].opinion.tags == ("grid-noise",))
        await pilot.press("z")
        await app.logs("Undone: rejected 1 image as grid-noise")
        assert "reason:" not in app.text


async def test_a_decision_in_the_preview_is_undone_and_redone(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, 1)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 0 ")
        app.workbench.query_one(Preview).focus()
        await pilot.press("z")
        await app.logs("Nothing to undo")
        await pilot.press("x")
        await app.shows("✗ rejected")
        await pilot.press("z")
        await app.logs("Undone: rejected 1 image")
        await app.until(lambda: "✗ rejected" not in app.text)
        assert app.dataset.desk().index.rows([1])[0].opinion.decision == "undecided"
        await pilot.press("Z")
        await app.logs("Redone: rejected 1 image")
        await app.shows("✗ rejected")


async def test_the_review_opens_where_it_was_left(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    save(app.dataset, 40)
    async with app.run_test(size=(80, 24)) as pilot:

        async def review() -> ReviewScreen:
            await pilot.press("f2")
            await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
            await pilot.pause()
            assert isinstance(app.screen, ReviewScreen)
            return app.screen

        screen = await review()
        await pilot.press("v", "G", "enter", "i")
        before = screen.place
        assert before is not None and (before.view, before.record_id) == ("loupe", 40)
        for _ in range(2):
            await pilot.press("f2")
            await app.until(lambda: isinstance(app.screen, WorkbenchScreen))
            screen = await review()
            assert screen.place == before
        await pilot.press("escape")
        await app.until(lambda: screen.views.gallery.scroll_y > 0)
        await pilot.press("c")
        assert screen.views.current == "gallery"  # one is marked, and there is none after the last


async def test_z_in_the_review_undoes_queueing_and_p_pauses(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    save(app.dataset, 2)
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.until(lambda: app.counts == "2")
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, ReviewScreen) and app.screen.images.ids)
        await pilot.press("p", "r")
        await app.logs("but the queue is paused. Press P to resume it.")
        await app.until(lambda: len(app.dataset.queue.rows()) == 1)
        await pilot.press("z")
        await app.logs("Undone: queued ")
        assert not app.dataset.queue.rows()
        await pilot.press("z")
        await app.until(lambda: "Undone: accepted 1 image" in toasts(app))
        await pilot.press("Z", "Z")
        await app.logs("Redone: queued ")
        await pilot.press("z")
        await app.until(lambda: not app.dataset.queue.rows())
        await pilot.press("P")
        await app.logs("Resumed the queue")
        assert not app.dataset.queue.paused
        await pilot.press("z")
        await app.logs("Undone: resumed the queue")
        assert app.dataset.queue.paused


async def test_the_job_screen_pauses_and_resumes_the_queue(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    app.dataset.queue.set_paused(True)
    app.dataset.queue.add(make_job([make_task(1)], "a"))
    bring_to(app.dataset.queue, "a", "cancelled")
    async with app.run_test(size=(120, 36)) as pilot:
        rows = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: rows.option_count == 1)
        rows.focus()
        await pilot.press("enter")
        await app.shows("P Resume all")
        await pilot.press("P")
        await app.logs("Resumed the queue · z to undo")
        assert not app.dataset.queue.paused
        await pilot.press("z")
        await app.logs("Undone: resumed the queue")
        assert app.dataset.queue.paused


async def test_z_in_the_preview_undoes_queueing(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    save(app.dataset, 2)
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(120, 36)) as pilot:
        await app.shows("· seed 1 ")
        app.workbench.query_one(Preview).focus()
        await pilot.press("x", "r")
        await app.until(lambda: len(app.dataset.queue.rows()) == 1)
        await app.logs("but the queue is paused")
        await pilot.press("z")
        await app.logs("Undone: queued ")
        assert not app.dataset.queue.rows()
        await pilot.press("z")
        await app.logs("Undone: rejected 1 image")
