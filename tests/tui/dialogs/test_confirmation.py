"""Questions before ``g`` queues: untrained prompts, many images, and marks that a filter hides."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock

from support.workbench import Workbench

from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.tui.dialogs.confirmation import MANY_IMAGES, Confirmation
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.review.dialogs import ReviewDialogs

UNTRAINED = "chest-lung-nodule"
TRAINED = "chest-normal-adult"


def queued(app: Workbench) -> list[int]:
    """The number of images of each job."""
    return [row.total for row in app.dataset.queue.rows(("queued", "running", "done", "failed"))]


async def test_untrained_prompts_are_left_out_unless_confirmed(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(steps=1, width=64, height=64)
    async with app.run_test(size=(120, 36)) as pilot:
        app.workbench.query_one(PromptList).mark_only([TRAINED, UNTRAINED])
        await pilot.press("g")
        await app.shows(f"not trained on {UNTRAINED}")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert queued(app) == []
        await pilot.press("g")
        await app.shows("Leave out: 1 prompt, 1 image")
        await pilot.press("enter")  # the safe answer comes first
        await app.until(lambda: queued(app) == [1])
        await pilot.press("g")
        await app.shows("Generate all: 2 prompts, 2 images")
        await pilot.press("a")
        await app.until(lambda: 2 in queued(app))
        app.workbench.query_one(PromptList).mark_only([UNTRAINED])
        await pilot.press("g")
        await app.shows("Generate nothing")
        await pilot.press("enter")
        await pilot.pause()
        assert len(queued(app)) == 2


async def test_many_images_are_queued_only_after_a_question(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(count=MANY_IMAGES + 1)
    async with app.run_test(size=(120, 36)) as pilot:
        app.engine.pause()
        await pilot.press("g")
        await app.shows("201 images would be generated.")
        await pilot.press("enter")
        await pilot.pause()
        assert queued(app) == []
        await pilot.press("g")
        await app.shows("201 images would be generated.")
        await pilot.press("a")
        await app.until(lambda: queued(app) == [MANY_IMAGES + 1])


async def test_marks_hidden_by_the_filter_are_named(workbench: Callable[..., Workbench]) -> None:
    app = workbench(steps=1, width=64, height=64)
    async with app.run_test(size=(120, 36)) as pilot:
        prompts = app.workbench.query_one(PromptList)
        prompts.mark_only([TRAINED, "knee-healthy"])
        await pilot.press("slash", *"knee", "enter")
        assert [prompt.id for prompt in prompts.hidden] == [TRAINED]
        await pilot.press("g")
        await app.logs(f"the filter hides 1 of 2 prompts: {TRAINED}")
        await app.until(lambda: queued(app) == [2])


async def test_targets_leave_out_labels_that_the_model_does_not_know(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench(steps=1, width=64, height=64)
    lacking = [
        Shortfall("chest", "normal", 2, 0, 0, 0, 0),
        Shortfall("chest", "nodule", 3, 0, 0, 0, 0),
    ]
    async with app.run_test(size=(120, 36)) as pilot:
        app.engine.pause()
        app.workbench.generate_missing(lacking)
        await app.shows("not trained on chest / nodule")
        await pilot.press("enter")  # the safe answer comes first
        await pilot.pause()
        assert queued(app) == []
        app.workbench.generate_missing(lacking)
        await app.shows("Queue 2 images for 1 label?")
        await pilot.press("y")
        await app.until(lambda: sum(queued(app)) == 2)
        app.workbench.generate_missing(lacking)
        await app.shows("Queue 5 images, all labels")
        await pilot.press("a")
        await app.until(lambda: sum(queued(app)) == 7)


def test_who_queues_no_missing_images_returns_to_the_statistics() -> None:
    dialogs, asker, queue = Mock(), Mock(), Mock()
    ReviewDialogs.statistics(dialogs)
    dialogs._stage.answer.call_args.args[1](Mock())
    dialogs._stage.ask.call_args.args[1](("a shortfall",))
    (asked,) = dialogs._stage.host.generate_missing.call_args_list
    found = Mock(images=300, left_out=(), labels=2, requests=[])
    confirmation = Confirmation(asker, lambda _: None)
    confirmation.of_shortfall(found, Mock(), queue, asked.kwargs["otherwise"])
    dialogs.statistics.assert_not_called()
    for times, choice in enumerate((None, "none"), 1):  # escape, and the choice
        asker.ask.call_args.args[1](choice)
        assert dialogs.statistics.call_count == times
    asker.ask.call_args.args[1]("part")
    assert dialogs.statistics.call_count == 2
    queue.assert_called_once_with(found)
