"""The queue pane: a row for each job, and a summary of all jobs below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.dataset.queue.states import CANCELLABLE, FINISHED
from xray_tui.generation.events import (
    Event,
    GeneratorElsewhere,
    JobFinished,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    QueuePaused,
    QueueReordered,
)
from xray_tui.generation.job_progress import JobProgress
from xray_tui.generation.progress import ProgressModel
from xray_tui.generation.running.queue_observer import QUEUE_PAUSED
from xray_tui.keymap import key_of
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.jobs.actions import JOB_KEYS, JobAction, QueueAction, is_possible
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.textual_internals import remove_toasts
from xray_tui.tui.workbench.queue.rows import JobRows
from xray_tui.tui.workbench.queue_rows import WIDE, job_row, sum_row

KEPT = 20
"""Finished jobs that stay in the list."""
_ALL = {"clear": FINISHED, "cancel": CANCELLABLE}
"""The states of the jobs that an action on all jobs is about."""


def empty_text() -> str:
    """What to do while there are no jobs."""
    return f"Nothing queued. Mark prompts with {key_of('toggle')}, then press {key_of('generate')}."


class QueueView(Vertical):
    """Shows the jobs and their progress, from the engine's events."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Queue"
    MANUAL_PAGE = "jobs"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *JOB_KEYS,
        bound("shift_up", "ask('move_up')", "Move up", show=False, tooltip="run it earlier"),
        bound("shift_down", "ask('move_down')", "Move down", show=False, tooltip="run it later"),
        bound("clear_finished", "ask_all('clear')", "Clear finished", tooltip="keeps the images"),
        bound("remove_all", "ask_all('cancel')", "Cancel all", tooltip="after a question"),
        bound("undo", "ask_all('undo')", "Undo", tooltip="the last action here"),
        bound("redo", "ask_all('redo')", "Redo", show=False, tooltip="what was undone"),
    ]

    @dataclass
    class ActionRequested(Message):
        """The user asked for an action on a job."""

        job_id: str
        action: JobAction

    @dataclass
    class Opened(Message):
        """The user wants to see everything about a job."""

        job_id: str

    @dataclass
    class QueueActionRequested(Message):
        """The user asked for an action on the whole queue."""

        action: QueueAction

    def __init__(self) -> None:
        super().__init__()
        self.progress = ProgressModel()
        """The progress of all jobs, as shown."""
        self._title_width = 0
        self._revealed = ""
        """The job to scroll to when it is listed; empty if there is none."""

    def compose(self) -> ComposeResult:
        self.border_title = "Queue"
        yield Static(markup=False, id="queue-empty")
        yield JobRows()
        yield Static(markup=False, id="queue-sum")

    def on_mount(self) -> None:
        self._list.display = False
        self._sum.display = False

    # -- called by the workbench -------------------------------------------------------------------

    @property
    def images_done(self) -> str:
        """The images of all jobs, such as ``4/12``; empty when all are done."""
        unfinished = self.progress.done < self.progress.total
        return f"{self.progress.done}/{self.progress.total}" if unfinished else ""

    def show_empty(self) -> None:
        """Say what to do, as there are no jobs; before this is called, there may be some."""
        self.query_one("#queue-empty", Static).update(empty_text())

    def apply(self, event: Event) -> None:
        """Bring the pane up to date with one event."""
        self.progress.apply(event)
        if isinstance(event, QueuePaused | GeneratorElsewhere):
            self._show_generator()
            self._show_sum()
            self.refresh_bindings()
            if not self.progress.paused:
                remove_toasts(self.app, QUEUE_PAUSED)
        if isinstance(event, QueueReordered | JobForgotten):
            self._rebuild()
        if isinstance(event, JobQueued):
            self._add(event.job_id)
        job = self.progress.job(getattr(event, "job_id", ""))
        if job is None:
            return
        self._list.replace_option_prompt(job.id, self._row(job))
        if isinstance(event, JobFinished):
            self._remove_old()
        self._show_sum()
        if isinstance(event, JobQueued | JobStarted | JobFinished | JobStateChanged):
            self._list.follow(
                self.progress.jobs, started=job.id if isinstance(event, JobStarted) else ""
            )
            self.refresh_bindings()  # not for each step: it rebuilds the footer

    def reveal(self, job_id: str) -> None:
        """Show a job that was just queued for a moment, once it is listed."""
        self._revealed = job_id
        self._show_revealed()

    # -- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow only actions that are possible with the job under the cursor, or with any job."""
        what, job = str(*parameters[:1]), self._highlighted
        match action:
            case "ask":
                return job is not None and is_possible(
                    what, job.stored_state, done=job.done + job.skipped, failed=job.failed
                )
            case "explain":
                return job is not None
            case "ask_all" if what in _ALL:
                return any(job.state in _ALL[what] for job in self.progress.jobs)
        return True

    def action_ask(self, action: JobAction) -> None:
        """Ask for an action on the job under the cursor."""
        job = self._highlighted
        if job is not None:
            self.post_message(self.ActionRequested(job.id, action))

    def action_explain(self) -> None:
        """Let the queue say why it does not edit the job under the cursor."""
        self.action_ask("edit")

    def action_ask_all(self, action: QueueAction) -> None:
        """Ask for an action on the whole queue."""
        self.post_message(self.QueueActionRequested(action))

    # -- inside the pane ---------------------------------------------------------------------------

    def _show_generator(self) -> None:
        """Say that the queue is paused, or else which other process generates."""
        elsewhere = clean(self.progress.elsewhere)
        if self.progress.paused:
            self.border_subtitle = f"Paused · {key_of('pause_queue')} to resume"
        else:
            self.border_subtitle = Content(f"{elsewhere} generates" if elsewhere else "")

    def _show_sum(self) -> None:
        paused = self.progress.paused
        self._sum.update(sum_row(self.progress, self._width, paused=paused), layout=False)

    def on_resize(self) -> None:
        """Build the rows again: OptionList counts the lines of a row only when it is added."""
        if self.progress.jobs:
            self._rebuild()

    def _rebuild(self) -> None:
        """Build all rows again, and keep the cursor on the same job."""
        at, highlighted = self._list.highlighted, self._highlighted
        jobs = self.progress.jobs
        self._title_width = max((cell_len(clean(job.title)) for job in jobs), default=0)
        self._list.set_options([Option(self._row(job), id=job.id) for job in jobs])
        ids = [job.id for job in jobs]
        if highlighted is not None and highlighted.id in ids:
            at = ids.index(highlighted.id)
        self._list.highlighted = min(at or 0, len(jobs) - 1) if jobs else None
        self._show_sum()
        self._sum.display = bool(jobs)
        self._show_list(bool(jobs))
        if not jobs:
            self.show_empty()
        self.refresh_bindings()

    def _show_list(self, show: bool) -> None:
        """Show the list, or the text of the empty queue, which takes over the focus.

        The text can have it once there was a job: what removed the last one can be undone.
        """
        empty = self.query_one("#queue-empty")
        empty.can_focus = True
        shown, hidden = (self._list, empty) if show else (empty, self._list)
        shown.display = True
        if hidden.has_focus:
            self.screen.set_focus(shown)
        hidden.display = False

    @on(OptionList.OptionHighlighted)
    def _cursor_moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _open_job(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened(event.option_id or ""))

    @property
    def _list(self) -> JobRows:
        return self.query_one(JobRows)

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
        return self.progress.job(self._list.get_option_at_index(index).id or "")

    def _row(self, job: JobProgress) -> Content:
        lines = 1 if self._width >= WIDE or self.content_size.height < 5 else 2
        return job_row(job, self._width, lines, self._title_width)

    def _add(self, job_id: str) -> None:
        self._sum.display = True
        self._show_list(True)
        job = self.progress.job(job_id)
        assert job is not None
        if cell_len(clean(job.title)) > self._title_width:
            self._rebuild()
        else:
            self._list.add_option(Option(self._row(job), id=job_id))
        if self._list.highlighted is None:
            self._list.highlighted = 0
        self._show_revealed()

    def _show_revealed(self) -> None:
        if not self._revealed or self.progress.job(self._revealed) is None:
            return
        self._list.show_new(self._revealed)
        self._revealed = ""

    def _remove_old(self) -> None:
        ended = [job for job in self.progress.jobs if job.ended]
        for job in ended[:-KEPT]:
            self.progress.forget(job.id)
            self._list.remove_option(job.id)
