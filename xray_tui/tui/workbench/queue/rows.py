"""The list of the jobs in the queue pane, whose cursor stays with the work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import OptionList
from textual.widgets.option_list import OptionDoesNotExist

from xray_tui.generation.job_progress import JobProgress
from xray_tui.tui.bindings import ROWS, bound

NEW_SECONDS = 3.0
"""For how long a job that was just queued is shown before the running one is again."""


class JobRows(OptionList):
    """The rows of the jobs; the ids of the options are those of the jobs.

    While the list has no focus, the running job is in sight, otherwise the first unfinished one.
    """

    HELP_TITLE = "Queue"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Open job", tooltip="its prompts, parameters, errors and images"),
    ]

    def __init__(self) -> None:
        super().__init__(compact=True, markup=False)
        self._work = ""
        self._new: Timer | None = None

    def follow(self, jobs: Sequence[JobProgress], *, started: str = "") -> None:
        """Show the running one of ``jobs``, otherwise the first unfinished one.

        With the focus, only the job that has ``started`` is shown, and only if the cursor is on one
        that has ended: the next key is meant for the job under the cursor.
        """
        running = [job.id for job in jobs if job.begins]
        unfinished = [job.id for job in jobs if not job.over]
        self._work = started or next(iter([*running, *unfinished]), "")
        over = {job.id for job in jobs if job.over}
        if not self.has_focus or (started and self._id_under_cursor in over):
            self._show_work()

    def show_new(self, job_id: str) -> None:
        """Show a job that was just queued for a moment, unless the list has the focus."""
        if self.has_focus:
            return
        self._go(job_id)
        if self._new is not None:
            self._new.stop()
        self._new = self.set_timer(NEW_SECONDS, self._end_new)

    def _end_new(self) -> None:
        self._new = None
        if not self.has_focus:
            self._show_work()

    def _show_work(self) -> None:
        if self._new is None:
            self._go(self._work)

    def _go(self, job_id: str) -> None:
        try:
            self.highlighted = self.get_option_index(job_id)
        except OptionDoesNotExist:  # forgotten meanwhile
            return
        self.call_after_refresh(self.scroll_to_highlight)  # a new row has no place before that

    @property
    def _id_under_cursor(self) -> str | None:
        at = self.highlighted
        return None if at is None else self.get_option_at_index(at).id
