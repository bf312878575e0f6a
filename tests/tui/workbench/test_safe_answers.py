"""Questions before something that cannot be undone: Enter takes the safe answer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.dataset_samples import make_job, make_task
from support.workbench import Workbench
from textual.widgets import OptionList, Static

from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.prompts.library import default_path
from xray_tui.tui.blind.start import _CAUTION_CHOICES
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.workbench.preflight_controller import PreflightController
from xray_tui.tui.workbench.screen import WorkbenchScreen

MISSING = [
    Shortfall("chest", "normal", 300, 20, 0, 0, 0),
    Shortfall("knee", "healthy", 3, 0, 0, 0, 0),
]


async def test_enter_keeps_a_prompt_that_was_to_be_deleted(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = Path(shutil.copy(default_path(), tmp_path / "prompts.toml"))
    app = workbench(library=library)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("delete")
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, WorkbenchScreen)
        assert library.read_bytes() == default_path().read_bytes()


@pytest.mark.parametrize(
    ("key", "jobs"),
    [
        ("enter", 0),
        pytest.param("escape", 0, marks=pytest.mark.slow),
        pytest.param("g", 0, marks=pytest.mark.slow),
        ("y", 2),
    ],
)
async def test_missing_images_are_queued_only_after_a_question_with_counts_and_time(
    workbench: Callable[..., Workbench], monkeypatch: pytest.MonkeyPatch, key: str, jobs: int
) -> None:
    monkeypatch.setattr(PreflightController, "seconds_for", lambda _, requests: 566.0)
    app = workbench()
    app.dataset.queue.set_paused(True)
    async with app.run_test(size=(120, 36)) as pilot:
        app.workbench.generate_missing(MISSING)
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen)
        assert "Queue 283 images for 2 labels? That takes about 9 min" in app.text
        assert app.screen.query_one(OptionList).highlighted == 0
        await pilot.press(key)
        await pilot.pause()
        if jobs:
            await app.logs("283 images for 2 labels queued")
            await app.until(lambda: len(app.dataset.queue.rows()) >= jobs)
        else:
            assert not app.dataset.queue.rows()


@pytest.mark.parametrize(
    ("begun", "waiting", "asks"),
    [
        (1, 0, '"a job" was interrupted, with 3 images to go. Run it now? The result will be '),
        pytest.param(
            0,
            1,
            '"a job" has not started yet, with 3 images to go. Run it now?',
            marks=pytest.mark.slow,
        ),
        (2, 1, "2 jobs were interrupted and 1 job has not started yet, with 9 images to go. Run "),
        pytest.param(
            0,
            2,
            "2 jobs have not started yet, with 6 images to go. Run them now?",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_unfinished_jobs_wait_unless_the_user_says_otherwise(
    workbench: Callable[..., Workbench], begun: int, waiting: int, asks: str
) -> None:
    app = workbench()
    queue = app.dataset.queue
    for number in range(begun + waiting):
        tasks = [make_task(seed) for seed in range(3)]
        queue.add(make_job(tasks, f"job-{number}"))
        if number < begun:
            queue.start(f"job-{number}")
            queue.finish(f"job-{number}", "interrupted")
    async with app.run_test(size=(120, 36)) as pilot:
        await app.until(lambda: isinstance(app.screen, QuestionScreen))
        text = app.screen.query_one("#text Static", Static).content
        assert str(text).startswith(asks)
        await pilot.press("enter")
        await app.until(lambda: {row.state for row in queue.rows()} == {"interrupted"})
        assert not app.engine.busy


def test_the_warning_about_body_parts_offers_first_to_go_back() -> None:
    assert _CAUTION_CHOICES[0].value == "back"
