"""The dialog that is shown during longer work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from support.tui_samples import ThemedApp
from textual.widgets import ProgressBar
from textual.worker import get_current_worker

from xray_tui.dataset.progress import ReportProgress
from xray_tui.errors import DatasetError, XrayTuiError
from xray_tui.tui.dialogs.working import WorkingScreen


class Work:
    """Runs until ``may_end`` is set or the app exits; then raises ``problem``, if any."""

    def __init__(self, done: int = 0) -> None:
        self._done = done
        self.may_end = threading.Event()
        self.problem: XrayTuiError | None = None

    def __call__(self, progress: ReportProgress) -> str:
        if self._done:
            progress("moving images", self._done, 40)
        worker = get_current_worker()
        while not (self.may_end.wait(0.05) or worker.is_cancelled):
            pass
        if self.problem:
            raise self.problem
        return "moved"


class Host(ThemedApp):
    """Shows the screen at once."""

    def __init__(self, work: Work) -> None:
        super().__init__("reading-room")
        self.outcome: object = None
        self._work = work

    def on_mount(self) -> None:
        screen = WorkingScreen("Moving 40 images to pleural-effusion", self._work)
        self.push_screen(screen, self._set_outcome)

    def _set_outcome(self, outcome: object) -> None:
        self.outcome = outcome


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work(13)
    yield work
    work.may_end.set()


async def test_the_dialog_shows_the_progress_and_returns_the_result(work: Work) -> None:
    app = Host(work)
    async with app.run_test() as pilot:
        while app.screen.query_one(ProgressBar).progress != 13:
            await pilot.pause(0.01)
        await pilot.press("escape", "enter", "p")  # keys do nothing
        assert isinstance(app.screen, WorkingScreen) and app.screen.at_stake()
        work.may_end.set()
        while app.outcome is None:
            await pilot.pause(0.01)
        assert app.outcome == "moved" and not isinstance(app.screen, WorkingScreen)


async def test_the_dialog_returns_the_error(work: Work) -> None:
    work.problem = DatasetError("the disk is full")
    work.may_end.set()
    app = Host(work)
    async with app.run_test() as pilot:
        while app.outcome is None:
            await pilot.pause(0.01)
        assert app.outcome is work.problem


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_the_dialog_looks_right(
    snap_compare: Callable[..., bool], work: Work, size: tuple[int, int]
) -> None:
    app = Host(work)

    async def reported(pilot: object) -> None:
        while app.screen.query_one(ProgressBar).progress != 13:
            await pilot.pause(0.01)  # type: ignore[attr-defined]

    assert snap_compare(app, terminal_size=size, run_before=reported)
