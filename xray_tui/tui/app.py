"""The app: it owns the engine and opens the screens."""

from __future__ import annotations

import time
from collections import deque
from functools import cached_property, partial
from typing import TYPE_CHECKING

from textual.events import Event, Key
from textual.message import Message

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.tui.alerts.alerts import Alerts
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.error_toasts import errors_as_toasts, missing_widgets
from xray_tui.tui.event_bridge import EventBridge
from xray_tui.tui.pictures.terminal import reported_name
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.textual_internals import write_to_terminal
from xray_tui.tui.window_title import WindowTitle
from xray_tui.tui.workbench.opening import OpeningScreen

if TYPE_CHECKING:
    from xray_tui.generation.running.engine import Engine
    from xray_tui.tui.jobs.screen import JobScreen
    from xray_tui.tui.review.place import ReviewPlace
    from xray_tui.tui.review.screen import ReviewScreen
    from xray_tui.tui.workbench.screen import WorkbenchScreen

TYPING_SECONDS = 0.2
"""Seconds after a key during which the live picture is not updated."""


class XrayTuiApp(BaseApp):
    """The xray-tui app. ``library`` is the prompt library to show; ``dataset`` is open."""

    class EventsWaiting(Message):
        """Events are waiting in the bridge."""

    class ProblemsWaiting(Message):
        """Reported problems are waiting."""

    def __init__(
        self,
        settings: Settings,
        library: LibraryChoice,
        dataset: Dataset,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(settings, memory)
        self._dataset = dataset
        self.bridge = EventBridge(lambda: self.post_message(self.EventsWaiting()))
        self._library = library
        self._window_title = WindowTitle(self, dataset.root.name)
        self._alerts = Alerts(
            settings.alerts,
            reported_name(),
            write=partial(write_to_terminal, self),
            focused=lambda: self.app_focus,
        )
        self._typed_at = 0.0
        self._problems: deque[str] = deque()
        """Problems that were reported and are not shown yet."""
        self._workbench: WorkbenchScreen | None = None
        self._review: ReviewScreen | None = None
        self._review_place: ReviewPlace | None = None
        """Where the reviewer was when the review was left."""

    @cached_property
    def engine(self) -> Engine:
        """The engine, created at its first use: after the first frame is painted."""
        from xray_tui.generation.running.engine import Engine

        return Engine(self._dataset, self.bridge.put, low_priority=True)

    def on_mount(self) -> None:
        self._window_title.show()
        self.push_screen(OpeningScreen(self._dataset.root))

    def on_ready(self) -> None:
        """Open the workbench after the opening screen is drawn; importing its panes is slow."""
        if isinstance(self.screen, OpeningScreen):
            self.screen.call_after_refresh(self.call_later, self._open_workbench)

    async def _open_workbench(self) -> None:
        """Replace the opening screen; keys and signals wait in the app's queue meanwhile."""
        from xray_tui.tui.workbench.screen import WorkbenchScreen

        self._workbench = WorkbenchScreen(
            self._settings, self._dataset, self.engine, self._library, self.memory
        )
        await self.switch_screen(self._workbench)
        self._announce_problems()

    def report_problem(self, text: str) -> None:
        """Log ``text`` and show it as a toast, once the workbench is open."""
        self._problems.append(text)
        self.post_message(self.ProblemsWaiting())

    def on_xray_tui_app_problems_waiting(self) -> None:
        self._announce_problems()

    def _announce_problems(self) -> None:
        while self._workbench is not None and self._problems:
            with missing_widgets(self):  # the app is ending, and the screen is being removed
                self._workbench.announce("error", self._problems.popleft())

    async def on_event(self, event: Event) -> None:
        """Note when the user typed."""
        if isinstance(event, Key):
            self._typed_at = time.monotonic()
        await super().on_event(event)

    def on_xray_tui_app_events_waiting(self) -> None:
        """Pass the events of the engine to the workbench, even while another screen covers it."""
        events = self.bridge.take()
        typing = time.monotonic() - self._typed_at < TYPING_SECONDS
        if self._workbench is not None:
            with missing_widgets(self):  # the app is ending, and the screen is being removed
                self._workbench.show_events(events, typing=typing)
                queue = self._workbench.queue
                self._window_title.show(queue.images_done)
                self._alerts.note(events, queue.progress.done, queue.progress.total)
                if self._review is not None:
                    self._review.note_events(events)

    def on_unmount(self) -> None:
        self._alerts.end()

    def stop_work(self) -> None:
        """Stop generating."""
        if "engine" in vars(self):  # otherwise it was never used
            self.engine.stop(finish_current=False)

    def action_reset_session(self) -> None:
        """Forget the place in the review, too."""
        self._review_place = None
        super().action_reset_session()

    def action_leave(self) -> None:
        """Leave the app; while the engine generates, the workbench asks first."""
        if self._workbench is not None:
            self._workbench.action_quit()

    def action_review(self) -> None:
        """Open the review; the workbench keeps generating in the background."""
        self._open_review()

    def on_job_screen_review_requested(self, message: JobScreen.ReviewRequested) -> None:
        """Open the review with the images of a job."""
        self._open_review(message.filter_text, message.record_id)

    def _open_review(self, filter_text: str = "", record_id: int = 0) -> None:
        """Open the review as it was left; or with a filter, at a record or at the first image."""
        from xray_tui.tui.review.screen import ReviewScreen

        def closed(place: ReviewPlace | None) -> None:
            self._review_place = place or self._review_place
            self._review = None
            if self._workbench is not None:
                self._workbench.refresh_after_review()

        with errors_as_toasts(self):
            desk = self._dataset.desk(self._settings.reviewer, hide_votes=self._settings.hide_votes)
            self._review = ReviewScreen(desk, self._settings, self._workbench, memory=self.memory)
            if filter_text:
                self._review.open_at(filter_text, record_id)
            else:
                self._review.open_again(self._review_place)
            self.push_screen(self._review, closed)
