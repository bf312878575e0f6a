"""A review without a workbench queues images for other processes, and says what generates them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.review_pilot import ReviewPilot, open_review

from xray_tui.config import Settings
from xray_tui.tui.dialogs import confirmation
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.review import frame
from xray_tui.tui.review.statistics.screen import StatisticsScreen

IMAGES = 6
NEXT = "The app generates them, or: xray-tui generate --resume"


def queued(anna: ReviewPilot) -> list[int]:
    """The number of images of each job."""
    return [row.total for row in anna.dataset.queue.rows(("queued",))]


async def test_images_are_queued_again_and_many_only_after_a_question(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_review(root) as anna:
        await anna.press("r")
        await anna.until(lambda: "Queued 1 image" in anna.toasts)
        assert NEXT.replace("them", "it") in anna.toasts and queued(anna) == [1]
        await anna.press("V", "r")
        await anna.until(lambda: f"Queued 6 images. {NEXT}" in anna.toasts)
        assert sum(queued(anna)) == 7
        monkeypatch.setattr(confirmation, "MANY_IMAGES", 5)
        await anna.press("r")
        await anna.until(lambda: isinstance(anna.app.screen, QuestionScreen))
        await anna.press("enter")  # the safe answer comes first
        assert sum(queued(anna)) == 7


async def test_the_form_is_said_to_be_in_the_workbench(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("e")
        await anna.until(lambda: "start xray-tui, press F2, then e" in anna.toasts)
        assert anna.app.screen is anna.screen


async def test_images_of_other_processes_are_counted_as_new_until_they_are_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "LOOK_SECONDS", 0.1)
    async with open_review(root) as anna:
        await anna.press("p")
        for seed in (101, 102):
            task = make_task(seed)
            anna.dataset.save(make_image(seed), task, make_provenance(), "job-9")
        await anna.shows("2/6", "✓ 1", "5 left", "2 new, F5 to load")
        await anna.press("f5")
        await anna.shows("/8", "7 left")
        await anna.until(lambda: "to load" not in anna.text)
        anna.dataset.save(make_image(1), make_task(103), make_provenance(), "job-9")
        await anna.shows("1 new, F5 to load")


async def test_missing_images_are_queued_from_the_statistics(root: Path) -> None:
    (root / "targets.toml").write_text("[chest]\npneumonia = 5\n")
    async with open_review(root) as anna:
        await anna.press("S")
        await anna.until(lambda: isinstance(anna.app.screen, StatisticsScreen))
        await anna.shows("without a prompt")  # the library has only more exact labels
        await anna.press("escape")
        (root / "targets.toml").write_text("[chest]\nnormal = 5\n")
        await anna.press("S")
        await anna.shows("to generate (g)")
        await anna.press("g")
        await anna.until(lambda: NEXT in anna.toasts)
        assert sum(queued(anna)) >= 3


async def test_without_a_library_the_statistics_say_why(root: Path) -> None:
    settings = Settings(prompts=root / "none.toml")
    async with open_review(root, settings=settings) as anna:
        await anna.press("S")
        await anna.until(lambda: isinstance(anna.app.screen, StatisticsScreen))
        assert "none.toml" in anna.toasts


async def test_z_undoes_what_was_done_last_also_queueing(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("p", "r")
        await anna.until(lambda: "Queued 1 image" in anna.toasts)
        await anna.press("x", "z")
        assert anna.toasts == "Undone: rejected 1 image"
        await anna.press("z")
        await anna.until(lambda: anna.toasts == "Undone: queued 1 image")
        assert not queued(anna) and len(anna.opinions()) == 1
        await anna.press("z")
        assert not anna.opinions()
        await anna.press("Z", "Z")
        await anna.until(lambda: anna.toasts == "Redone: queued 1 image")
        assert queued(anna) == [1] and len(anna.opinions()) == 1
        await anna.press("Z")
        assert len(anna.opinions()) == 2
        await anna.press("z", "z", "x", "Z")  # a new decision ends what can be redone
        assert "Nothing to redo" in anna.toasts


async def test_the_queue_is_paused_and_resumed(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("P")
        assert anna.dataset.queue.paused and "Paused the queue" in anna.toasts
        await anna.press("r")
        await anna.until(lambda: "Press P to resume it" in anna.toasts)
        await anna.press("P")
        assert not anna.dataset.queue.paused
        await anna.press("z")
        await anna.until(lambda: anna.toasts.endswith("Undone: resumed the queue"))
        assert anna.dataset.queue.paused
