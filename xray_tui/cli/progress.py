"""The headless progress display: bars on a terminal, plain lines in a log file."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobStarted,
    LogLine,
    ModelLoading,
    StepDone,
    TaskFailed,
)
from xray_tui.generation.progress import ProgressModel, duration
from xray_tui.text import clean

_STYLES = {"debug": "dim", "info": "", "warning": "yellow", "error": "bold red"}


class ProgressDisplay:
    """Shows one bar for the images and one for the steps of the current batch.

    ``root`` is the dataset's folder, named when a job has finished.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._model = ProgressModel()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            TextColumn("{task.completed:.0f}/{task.total:.0f}", markup=False),
            TextColumn("{task.fields[note]}", markup=False, style="dim"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._images = self._progress.add_task("images", total=1, note="", visible=False)
        self._steps = self._progress.add_task("steps ", total=1, note="", visible=False)

    def __enter__(self) -> ProgressDisplay:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        """Update the bars, and print the lines that should stay."""
        self._model.apply(event)
        match event:
            case LogLine():
                if event.level != "debug":
                    self._print(event.text, _STYLES[event.level])
            case ModelLoading():
                self._progress.update(self._steps, visible=True, total=1, note=clean(event.text))
            case JobStarted():
                self._progress.update(self._images, visible=True, total=event.total, completed=0)
            case StepDone():
                self._progress.update(
                    self._steps,
                    visible=True,
                    completed=event.step,
                    total=event.steps,
                    note=f"batch {event.batch}/{event.batches}",
                )
            case ImageSaved():
                self._progress.advance(self._images)
                self._progress.update(self._images, note=self._pace(event.job_id))
                if not self._console.is_terminal:
                    self._print(f"saved {event.record.file}")
            case TaskFailed():
                self._print(
                    f"{event.task.prompt_id} seed {event.task.seed}: {event.message}", "red"
                )
            case JobFinished():
                self._print(
                    _summary(event, self._root), "" if event.state == "done" else "bold yellow"
                )

    def _pace(self, job_id: str) -> str:
        job = self._model.job(job_id)
        if job is None or job.seconds_per_image is None or job.seconds_left is None:
            return ""
        return f"{job.seconds_per_image:.2f} s per image, {duration(job.seconds_left)} left"

    def _print(self, text: str, style: str = "") -> None:
        line = Text(clean(text), style=style)
        if self._console.is_terminal:
            self._progress.console.print(line)
        else:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S")
            self._console.print(Text(f"{stamp} ") + line, soft_wrap=True)


def _summary(event: JobFinished, root: Path) -> str:
    why = f" ({event.message})" if event.message else ""
    numbers = (
        f"{event.made} generated, {event.skipped} already existed, {event.failed} failed, "
        f"{duration(event.seconds)}"
    )
    return f"{event.state.capitalize()}{why}: {numbers} → {root}"
