"""The queue pane: a row for each job, and the sum of all below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.generation.events import Event, JobFinished, JobQueued, JobStarted
from xray_tui.generation.progress import JobProgress, ProgressModel
from xray_tui.tui.stylesheet import beside
from xray_tui.tui.widgets.queue_rows import WIDE, job_row, sum_row

KEPT = 20
"""Ended jobs that stay in the list."""

EMPTY = "Nothing queued. Mark prompts with space, then press g."


class QueueView(Vertical):
    """Shows the jobs and their progress, from the engine's events."""

    DEFAULT_CSS = beside(__file__)
    HELP_TITLE = "Queue"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace", "cancel", "Cancel job", tooltip="the one under the cursor"),
        Binding("P", "pause", "Pause", tooltip="pause the queue after this step, or go on"),
    ]

    @dataclass
    class CancelRequested(Message):
        """The user wants to cancel a job."""

        job_id: str

    class PauseToggleRequested(Message):
        """The user wants the queue to pause, or to go on."""

    def __init__(self) -> None:
        super().__init__()
        self._model = ProgressModel()

    def compose(self) -> ComposeResult:
        self.border_title = "Queue"
        yield Static(EMPTY, markup=False, id="queue-empty")
        yield OptionList(compact=True, markup=False)
        yield Static(markup=False, id="queue-sum")

    def on_mount(self) -> None:
        self._list.display = False
        self._sum.display = False

    # -- what the workbench calls ------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Bring the pane up to date with one event."""
        self._model.apply(event)
        if isinstance(event, JobQueued):
            self._add(event.job_id)
        job = self._model.job(getattr(event, "job_id", ""))
        if job is None:
            return
        self._list.replace_option_prompt(job.id, self._row(job))
        if isinstance(event, JobStarted):
            self._follow(job)
        if isinstance(event, JobFinished):
            self._forget_old()
        self._sum.update(sum_row(self._model, self._width), layout=False)
        if isinstance(event, JobQueued | JobStarted | JobFinished):
            self.refresh_bindings()  # not for each step: the footer is composed anew

    # -- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a job that has not ended can be cancelled."""
        if action == "cancel":
            job = self._highlighted
            return True if job is not None and not job.ended else None
        return True

    def action_cancel(self) -> None:
        """Cancel the job under the cursor."""
        job = self._highlighted
        if job is not None and not job.ended:
            self.post_message(self.CancelRequested(job.id))

    def action_pause(self) -> None:
        """Pause the whole queue, or go on."""
        self.post_message(self.PauseToggleRequested())

    # -- what happens inside -----------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fit the rows to the new size; OptionList counts the lines of a row when it is added."""
        if not self._model.jobs:
            return
        at = self._list.highlighted
        self._list.set_options([Option(self._row(job), id=job.id) for job in self._model.jobs])
        self._list.highlighted = at
        self._sum.update(sum_row(self._model, self._width), layout=False)

    @on(OptionList.OptionHighlighted)
    def _cursor_moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _keep_inside(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _sum(self) -> Static:
        return self.query_one("#queue-sum", Static)

    @property
    def _width(self) -> int:
        return max(20, self.content_size.width - 1)  # 1: the scroll bar

    @property
    def _highlighted(self) -> JobProgress | None:
        index = self._list.highlighted
        if index is None:
            return None
        return self._model.job(self._list.get_option_at_index(index).id or "")

    def _row(self, job: JobProgress) -> Content:
        lines = 1 if self._width >= WIDE or self.content_size.height < 5 else 2
        return job_row(job, self._width, lines)

    def _add(self, job_id: str) -> None:
        self.query_one("#queue-empty").display = False
        self._sum.display = True
        self._list.display = True
        job = self._model.job(job_id)
        assert job is not None
        self._list.add_option(Option(self._row(job), id=job_id))
        if self._list.highlighted is None:
            self._list.highlighted = 0

    def _follow(self, job: JobProgress) -> None:
        """Keep what runs in sight, unless the user is at another job."""
        at = self._highlighted
        if not self._list.has_focus or at is None or at.ended:
            self._list.highlighted = self._list.get_option_index(job.id)

    def _forget_old(self) -> None:
        ended = [job for job in self._model.jobs if job.ended]
        for job in ended[:-KEPT]:
            self._model.forget(job.id)
            self._list.remove_option(job.id)
