"""What emptied the queue is undone where it was done."""

from __future__ import annotations

from collections.abc import Callable

from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.tui.workbench.queue_view import QueueView


async def test_what_emptied_the_queue_is_undone_and_redone_there(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=1)
    queue = app.dataset.queue
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "tab", "tab")
        assert not isinstance(app.workbench.focused_pane, QueueView)  # nothing to undo
        app.workbench.prompts.focus()
        app.workbench.query_one("PromptTree").focus()
        await pilot.press("g")
        await app.until(lambda: [row.state for row in queue.rows()] == ["done"])
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        jobs.focus()
        await app.until(lambda: jobs.has_focus)
        for key in ("ctrl+l", "delete"):
            await pilot.press(key)
            await app.until(lambda: not queue.rows() and not jobs.display)
            await app.shows("Nothing queued")
            assert isinstance(app.workbench.focused_pane, QueueView)
            await pilot.press("z")
            await app.until(lambda: len(queue.rows()) == 1 and jobs.option_count == 1)
            await app.until(lambda: jobs.has_focus)
        await pilot.press("Z")
        await app.until(lambda: not queue.rows() and not jobs.display)
        await pilot.press("tab", "shift+tab")  # tab comes back to it
        assert isinstance(app.workbench.focused_pane, QueueView)
        await pilot.press("z")
        await app.until(lambda: len(queue.rows()) == 1)


async def test_a_job_taken_back_in_the_queue_is_queued_again_by_redo(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=1)
    queue = app.dataset.queue
    queue.set_paused(True)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g")
        await app.until(lambda: [row.state for row in queue.rows()] == ["queued"])
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: jobs.option_count == 1)
        jobs.focus()
        await app.until(lambda: jobs.has_focus)
        await pilot.press("z")
        await app.until(lambda: not queue.rows() and not jobs.display)
        await pilot.press("Z")
        await app.until(lambda: [row.state for row in queue.rows()] == ["queued"])
