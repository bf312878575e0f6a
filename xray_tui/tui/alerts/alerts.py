"""Turns events of the engine into a bell, a notification and the progress in the terminal's tab."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from xray_tui.config import AlertMode
from xray_tui.multiplexer import in_tmux
from xray_tui.text import clipped, counted
from xray_tui.tui.alerts import sequences

if TYPE_CHECKING:
    from xray_tui.generation.events import Event

_TITLE = "xray-tui"
_LONGEST = 60
_SECONDS = 1.0
"""At least so long between two steps of the progress."""


class Alerts:
    """Alerts the user when a job ends, fails or waits, as ``mode`` says.

    ``terminal`` is the name that the terminal reports, or empty; ``write`` sends it sequences, and
    ``focused`` says whether it has the focus. A job that the user cancelled is no news, and neither
    are jobs that had ended before the app was opened.
    """

    def __init__(
        self,
        mode: AlertMode,
        terminal: str,
        write: Callable[[str], object],
        focused: Callable[[], bool],
    ) -> None:
        self._mode = mode
        self._terminal = terminal
        self._write = write
        self._focused = focused
        self._in_tmux = in_tmux()
        self._titles: dict[str, str] = {}
        self._begun: set[str] = set()
        self._shown: tuple[int, int] = (0, 0)
        self._at = 0.0

    def note(self, events: Iterable[Event], done: int, total: int) -> None:
        """Alert the user to what ``events`` say; ``done`` of ``total`` images are generated."""
        from xray_tui.generation.events import JobQueued, JobStarted, ModelLoading

        for event in events:
            if isinstance(event, JobQueued):
                self._titles[event.job_id] = event.title
            elif isinstance(event, JobStarted | ModelLoading):
                self._begun.add(event.job_id)
            elif text := self._news(event):
                self._alert(text)
        self._show_progress(done, total)

    def end(self) -> None:
        """Remove the progress; the app ends."""
        self._show_progress(0, 0)

    def _news(self, event: Event) -> str:
        from xray_tui.generation.events import JobFinished, JobStateChanged

        if isinstance(event, JobStateChanged) and event.state == "paused" and event.message:
            return f"{self._title(event.job_id)}: {event.message}"
        if not isinstance(event, JobFinished) or event.job_id not in self._begun:
            return ""
        self._begun.remove(event.job_id)
        if event.state == "cancelled":
            return ""
        title = self._title(event.job_id)
        if event.state != "done":
            return f"{title}: {event.state}{f', {event.message}' if event.message else ''}"
        failed = f", {event.failed} failed" if event.failed else ""
        return f"{title}: {counted(event.made, 'image')} done{failed}"

    def _title(self, job_id: str) -> str:
        return clipped(self._titles.get(job_id, job_id), _LONGEST)

    def _alert(self, text: str) -> None:
        if self._mode == "never" or (self._mode == "unfocused" and self._focused()):
            return
        call = sequences.notification(_TITLE, text, self._terminal, in_tmux=self._in_tmux)
        self._write(sequences.BELL + call)

    def _show_progress(self, done: int, total: int) -> None:
        now, ended = time.monotonic(), not total or done >= total
        wanted = (0, 0) if ended else (done, total)
        if wanted == self._shown or (not ended and now - self._at < _SECONDS):
            return
        self._shown, self._at = wanted, now
        sequence = sequences.progress(*wanted, self._terminal, in_tmux=self._in_tmux)
        if sequence:
            self._write(sequence)
