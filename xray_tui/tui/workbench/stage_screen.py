"""The services of the workbench's screen that concern no pane: threads, questions, and timers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from textual.screen import Screen
from textual.timer import Timer

from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import LogLevel
from xray_tui.tui.error_toasts import missing_widgets
from xray_tui.tui.external_editor import edit_file
from xray_tui.tui.workbench.arrangement import Arrangement
from xray_tui.tui.workbench.queue_view import QueueView

T = TypeVar("T")


class StageScreen(Arrangement):
    """A part of :class:`~xray_tui.tui.workbench.stage.Stage`, for all its controllers."""

    has_form = True
    """For the review: there is a form for parameters to return to."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of pausing and resuming the queue, which have one key, allow what is possible."""
        if action == "pause_queue":
            paused = any(view.progress.paused for view in self.query(QueueView))
            return bool(parameters[0]) != paused
        return super().check_action(action, parameters)

    def announce(self, level: LogLevel, text: str) -> None:
        """Log ``text`` and show it in a toast: the response to something the user just did."""
        raise NotImplementedError

    def in_thread(self, work: Callable[[], object], group: str) -> None:
        """Call ``work`` in a thread of its own; an XrayTuiError it raises is announced."""

        def run() -> None:
            try:
                work()
            except XrayTuiError as error:
                self.from_thread(self.announce, "error", str(error))

        self.run_worker(run, thread=True, group=group)

    def from_thread(self, function: Callable[..., object], *arguments: object) -> None:
        """Call ``function`` on the UI thread and wait for it; only for other threads."""
        with missing_widgets(self.app):
            self.app.call_from_thread(function, *arguments)

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result when it is closed."""
        self.app.push_screen(dialog, answered)

    def edit_file(self, path: Path) -> None:
        """Open ``path`` in the user's editor, and wait until it ends."""
        edit_file(self.app, path)

    def after_refresh(self, call: Callable[[], object]) -> None:
        """Call ``call`` once what has changed is on the screen."""
        self.call_after_refresh(self._call, call)

    def every(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call ``call`` every ``seconds`` seconds while the screen exists."""
        return self.set_interval(seconds, lambda: self._call(call))

    def _call(self, call: Callable[[], object]) -> None:
        with missing_widgets(self.app):  # while the app is ending, panes are removed first
            call()
