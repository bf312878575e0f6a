"""Shows the progress of a headless run: bars on a terminal, plain lines in a file or a pipe."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.text import Text

from xray_tui.cli.output import say
from xray_tui.commands import command
from xray_tui.environment import output_width
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobQueued,
    JobStarted,
    LogLine,
    ModelLoading,
    QueuePaused,
    StepDone,
    TaskFailed,
)
from xray_tui.generation.progress import JobProgress, ProgressModel, duration
from xray_tui.text import clean, counted

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

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._unfinished:
            resume = ("generate", "--resume", *sorted(self._unfinished))
            self.print(f"Resume: {command(*resume, dataset=self._root)}")
        if self._images:
            self.print(f"Review the images: {command('review', dataset=self._root)}")

    def show(self, event: Event) -> None:
        """Update the progress, and print the lines that should stay."""
        self._model.apply(event)
        match event:
            case LogLine() if event.level != "debug":
                self.print(event.text, _STYLES[event.level])
            case JobQueued():
                self.print(f"Job {event.job_id}: {event.title} → {self._root}")
            case TaskFailed():
                where = f"{event.task.prompt_id} seed {event.task.seed}"
                self.print(f"{where}: {event.message}", "red")
            case JobFinished():
                self._images += event.made + event.skipped
                if event.state == "interrupted":
                    self._unfinished.add(event.job_id)
                self.print(_summary(event), "" if event.state == "done" else "bold yellow")
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

    def leave(self, job_ids: Collection[str]) -> None:
        """Say at the end how to resume these jobs."""
        self._unfinished.update(job_ids)


class Bars(ProgressDisplay):
    """A bar for the images of the running job, and one for the steps of the current batch."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.fields[count]}", markup=False),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            console=Console(highlight=False, markup=False, emoji=False),
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
                self._load(_loading(event.text, event.fraction))
            case JobStarted():
                change(self._bar, visible=True, total=event.total, completed=0)
                change(self._bar, count=f"0/{event.total}")
            case StepDone():
                self._end_loading()
                change(self._steps, completed=event.step, total=event.steps)
                change(self._steps, count=f"{event.step}/{event.steps}")
                change(self._steps, note=f"batch {event.batch}/{event.batches}")
            case ImageSaved():
                job = self._model.job(event.job_id)
                done = 0 if job is None else job.done
                total = 0 if job is None else job.total
                note = "" if job is None else _pace(job)
                change(self._bar, completed=done, count=f"{done}/{total}", note=note)
            case QueuePaused():
                self._end_loading()
                change(self._steps, note="paused" if event.paused else "")

    def tick(self) -> None:
        if self._loading:
            seconds = time.monotonic() - self._loading_since
            self._progress.update(self._steps, note=f"{self._loading}, {duration(seconds)}")

    def _end_loading(self) -> None:
        self._loading = ""
        self._progress.start_task(self._steps)
        self._progress.update(self._steps, visible=True, description="steps ")

    def _load(self, text: str) -> None:
        """Let the second bar move without an end, and count the seconds."""
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
        self._paused = False

    def print(self, text: str, style: str = "") -> None:
        del style
        self._printed = time.monotonic()
        say(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}")

    def update(self, event: Event) -> None:
        if isinstance(event, ModelLoading | JobStarted | StepDone):
            self._running = event.job_id
        if isinstance(event, QueuePaused):
            self._paused = event.paused
        self.tick()

    def tick(self) -> None:
        now = time.monotonic()
        period = SOON if now - self._begun < _FIRST else LATER
        job = self._model.job(self._running)
        if job is None or job.ended or self._paused:
            return
        if now - self._printed >= period:
            self.print(_line(job))


def display_for(root: Path) -> ProgressDisplay:
    """Bars if standard output is a terminal, otherwise lines."""
    return Lines(root) if output_width() is None else Bars(root)


def _line(job: JobProgress) -> str:
    """How far ``job`` is, in one line."""
    if job.loading:
        return _loading(job.loading, job.loading_fraction)
    facts = [f"{job.done} of {counted(job.total, 'image')} generated"]
    if job.failed:
        facts.append(f"{job.failed} failed")
    if job.steps:
        facts.append(f"step {job.step} of {job.steps}, batch {job.batch} of {job.batches}")
    pace = _pace(job)
    return " · ".join([*facts, pace] if pace else facts)


def _loading(text: str, fraction: float | None) -> str:
    return clean(text) if fraction is None else f"{clean(text)} {fraction:.0%}"


def _pace(job: JobProgress) -> str:
    if job.seconds_per_image is None:
        return ""
    left = f", {duration(job.seconds_left)} left" if job.seconds_left else ""
    return f"{job.seconds_per_image:.2f} s per image{left}"


def _summary(event: JobFinished) -> str:
    why = f" ({event.message})" if event.message else ""
    return (
        f"{event.state.capitalize()}{why}: {event.made} generated, {event.skipped} already "
        f"existed, {event.failed} failed, {duration(event.seconds)}"
    )
