"""Footers and the palette offer what the selected job allows, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.dataset_samples import make_image, make_job, make_provenance, make_task
from support.job_states import bring_to
from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.dataset.queue.states import JobState
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.jobs.screen import JobScreen
from xray_tui.tui.textual_internals import notifications
from xray_tui.tui.widgets.key_footer import KeyFooter
from xray_tui.tui.workbench.queue_view import QueueView

KEYS = {"space Pause job", "space Resume job", "delete Cancel job", "delete Remove job", "r Retry",
        "e Edit job", "ctrl+l Clear finished", "ctrl+delete Cancel all"}  # fmt: skip

PAUSING = {"space Pause job", "delete Cancel job", "ctrl+delete Cancel all"}


def offered(app: Workbench) -> set[str]:
    """Those of ``KEYS`` that the footer has; nothing while the palette would offer others."""
    line = app.screen.query_one(KeyFooter).text
    possible = {
        binding.description
        for owner, binding in described_bindings(app.screen)
        if owner.title in ("Queue", "Job") and owner.allows(binding)
    }
    shown = {key for key in KEYS if key in line}
    return shown if shown == {key for key in KEYS if key.partition(" ")[2] in possible} else set()


async def test_the_footer_says_resume_while_the_queue_is_paused(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(240, 36), notifications=True) as pilot:
        app.workbench.form.focus()
        await app.until(lambda: "P Resume all" in app.text)
        await pilot.press("g")
        await app.shows("but the queue is paused. Press P to resume it.")
        await pilot.press("P")
        await app.until(lambda: "P Pause all" in app.text)
        await app.until(lambda: "but the queue is paused" not in toasts(app))


@pytest.mark.slow
async def test_space_does_what_the_footer_says_while_the_queue_is_paused(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=200)
    async with app.run_test(size=(240, 36), notifications=True) as pilot:
        await pilot.press("g")
        await app.shows("step ")
        app.workbench.query_one(QueueView).query_one(OptionList).focus()
        await pilot.press("P")
        await app.shows("paused with the queue")
        await app.until(lambda: offered(app) == PAUSING)
        await pilot.press("space")
        await app.until(lambda: offered(app) >= {"space Resume job"})
        assert [row.state for row in app.dataset.queue.rows()] == ["paused"]
        await pilot.press("space")
        await app.until(lambda: ", but the queue is paused · z to undo" in toasts(app))
        assert [row.state for row in app.dataset.queue.rows()] == ["queued"]


def toasts(app: Workbench) -> str:
    """The texts of the toasts."""
    return " ".join(one.message for one in notifications(app))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("paused", {"space Resume job", "delete Cancel job", "ctrl+delete Cancel all"}),
        ("done", {"delete Remove job", "ctrl+l Clear finished"}),
        ("failed", {"delete Remove job", "r Retry", "ctrl+l Clear finished"}),
    ],
)
async def test_the_footer_offers_what_the_job_allows(
    workbench: Callable[..., Workbench], state: JobState, expected: set[str]
) -> None:
    app = workbench()
    queue = app.dataset.queue
    queue.set_paused(True)
    tasks = [make_task(1), make_task(2)]
    queue.add(make_job(tasks, "a"))
    app.dataset.save(make_image(), tasks[0], make_provenance(), "a")
    bring_to(queue, "a", state)
    async with app.run_test(size=(240, 36), notifications=True) as pilot:
        rows = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: rows.option_count == 1)
        rows.focus()
        await app.until(lambda: offered(app) == expected)
        await pilot.press("enter")
        await app.until(lambda: isinstance(app.screen, JobScreen))
        of_job = {key for key in expected if "finished" not in key and "all" not in key}
        await app.until(lambda: offered(app) == of_job)
        await pilot.press("e")
        await app.shows("job cannot be edited")
