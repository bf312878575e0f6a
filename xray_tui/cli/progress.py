"""Shows the progress of a headless run: bars on a terminal, plain lines in a file or a pipe."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from xray_tui.cli.jobs.left import LeftJob
from xray_tui.cli.jobs.progress_text import counts, line, loading, pace, summary
from xray_tui.cli.output import say
from xray_tui.commands import command
from xray_tui.dataset.queue.states import RESUMABLE
from xray_tui.environment import output_width
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    LogLine,
    ModelLoading,
    QueuePaused,
    StepDone,
    TaskFailed,
)
from xray_tui.generation.progress import ProgressModel
from xray_tui.text import clean, duration

SOON, LATER = 5.0, 30.0
"""Seconds between two lines of progress: in the first minute, and after it."""
_FIRST = 60.0
_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "bold red"}


class ProgressDisplay(ABC):
    """Prints what should stay: the jobs, the log, failures, how it ended and what to do next.

    ``root`` is the dataset's folder. Subclasses show how far the running job is.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._model = ProgressModel()
        self._images = 0
        self._unfinished: set[str] = set()
        self._paused: set[str] = set()
        """Jobs that somebody paused; the whole queue may be paused, too."""

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._unfinished:
            if self._model.paused:
                self.print(
                    f"The queue is still paused. First run: {self._command('jobs', 'resume')}"
                )
            resume = self._command("generate", "--resume", *sorted(self._unfinished))
            self.print(f"Resume: {resume}")
        if self._images:
            self.print(f"Review the images: {self._command('review')}")

    def show(self, event: Event, *, foreign: bool = False) -> None:
        """Update the progress, and print the lines that should stay.

        A ``foreign`` job, which only another process asked for, is not this user's to resume.
        """
        known = self._model.job(getattr(event, "job_id", ""))
        self._model.apply(event)
        match event:
            case LogLine() if event.level != "debug":
                self.print(event.text, _STYLES[event.level])
            case JobQueued():
                self.print(f"Job {event.job_id}: {event.title} → {self._root}")
            case TaskFailed():
                where = f"{event.task.prompt_id} seed {event.task.seed}"
                self.print(f"{where}: {event.message}", "red")
            case JobStateChanged():
                self._show_pause(event)
            case JobForgotten():
                self._unfinished.discard(event.job_id)
                if known is not None and not known.over:
                    self.print(f"Job {event.job_id} was removed from the queue", "bold yellow")
            case JobFinished():
                self._images += event.made + event.skipped
                self._unfinished.discard(event.job_id)
                if event.state in RESUMABLE and not foreign:
                    self._unfinished.add(event.job_id)
                text = summary(event, named=len(self._model.jobs) > 1)
                self.print(text, "" if event.state == "done" else "bold yellow")
        self.update(event)

    @abstractmethod
    def print(self, text: str, style: str = "") -> None:
        """Print a line that stays."""

    @abstractmethod
    def update(self, event: Event) -> None:
        """Show the progress after ``event``."""

    def tick(self) -> None:
        """Called several times a second while there is no event."""
        return

    def leave(self, jobs: Iterable[LeftJob]) -> None:
        """Say how far these jobs are, who runs them, or how to resume them."""
        for left in jobs:
            job = self._model.job(left.id)
            how_far = ""
            if job is not None:
                self._images += job.done + job.skipped
                how_far = counts(job.done, job.skipped, job.failed)
            if not left.surely:
                self._unfinished.add(left.id)
            self.print(left.text(how_far), "" if left.surely else "bold yellow")

    def _show_pause(self, event: JobStateChanged) -> None:
        """Say that somebody paused a job, and how to resume it, or that it was resumed."""
        if event.state == "paused" and not event.message:  # otherwise a line of the log says why
            self._paused.add(event.job_id)
            resume = self._command("jobs", "resume", event.job_id)
            self.print(f"Job {event.job_id} paused. To resume it: {resume}")
        elif event.state == "queued" and event.job_id in self._paused:
            self._paused.remove(event.job_id)
            self.print(f"Job {event.job_id} resumed")

    def _command(self, *words: str) -> str:
        return command(*words, dataset=self._root)


class Bars(ProgressDisplay):
    """A bar for the images of the running job, and one for the steps of the current batch.

    They are shown only while something moves: not after the job, and not while it is paused.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}", markup=False),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            console=Console(highlight=False, markup=False, emoji=False),
            transient=True,
        )
        self._bar = self._progress.add_task("images", visible=False, count="", note="")
        self._steps = self._progress.add_task("steps ", visible=False, count="", note="")
        self._loading = ""
        self._loading_since = time.monotonic()

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()
        super().__exit__(*exception)

    def print(self, text: str, style: str = "") -> None:
        # A line that the terminal itself wraps can be copied whole.
        self._progress.console.print(Text(clean(text), style=style), soft_wrap=True)

    def update(self, event: Event) -> None:
        change = self._progress.update
        match event:
            case JobQueued() if not self._loading:
                self._load("starting")
            case ModelLoading():
                self._load(loading(event.text, event.fraction))
            case JobStarted() | ImageSaved() | TaskFailed():
                self._show_images(event.job_id)
            case StepDone():
                self._end_loading()
                change(self._steps, completed=event.step, total=event.steps)
                change(self._steps, count=f"{event.step}/{event.steps}")
                change(self._steps, note=f"batch {event.batch}/{event.batches}")
            case JobFinished() | JobForgotten():
                self._hide()
            case QueuePaused():
                self._hide()
                if any(job.state == "queued" for job in self._model.jobs):
                    self._load("starting")
            case JobStateChanged(state="running"):
                self._show_images(event.job_id)
                self._end_loading()
            case JobStateChanged():
                self._hide()
                if event.state == "queued":
                    self._load("starting")

    def tick(self) -> None:
        if self._loading:
            seconds = time.monotonic() - self._loading_since
            self._progress.update(self._steps, note=f"{self._loading}, {duration(seconds)}")

    def _show_images(self, job_id: str) -> None:
        job = self._model.job(job_id)
        if job is not None and job.state == "running":
            count = f"{job.finished}/{job.total}"
            self._progress.update(
                self._bar, visible=True, completed=job.finished, total=job.total, count=count
            )
            self._progress.update(self._bar, note=pace(job))

    def _hide(self) -> None:
        self._loading = ""
        for task in (self._bar, self._steps):
            self._progress.update(task, visible=False)

    def _end_loading(self) -> None:
        self._loading = ""
        self._progress.start_task(self._steps)
        self._progress.update(self._steps, visible=True, description="steps ")

    def _load(self, text: str) -> None:
        """Let the second bar move without an end, and count the seconds."""
        if self._model.paused:
            return
        if not self._loading:
            self._loading_since = time.monotonic()
            # A bar that has not started moves by itself.
            self._progress.reset(
                self._steps, start=False, visible=True, description="model ", count="", note=""
            )
        self._loading = text
        self.tick()


class Lines(ProgressDisplay):
    """A line with the time every few seconds, so that a log file shows that the job continues."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._begun = self._printed = time.monotonic()
        self._running = ""

    def print(self, text: str, style: str = "") -> None:
        del style
        self._printed = time.monotonic()
        say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")

    def update(self, event: Event) -> None:
        if isinstance(event, ModelLoading | JobStarted | StepDone):
            self._running = event.job_id
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        period = SOON if now - self._begun < _FIRST else LATER
        job = self._model.job(self._running)
        if job is None or not job.at_work or self._model.paused:
            return
        if now - self._printed >= period:
            self.print(line(job))


def display_for(root: Path) -> ProgressDisplay:
    """Bars if standard output is a terminal, otherwise lines."""
    return Lines(root) if output_width() is None else Bars(root)
