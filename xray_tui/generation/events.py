"""What the engine tells the world, as small frozen dataclasses.

Events come from the engine's thread through one listener, ``Callable[[Event], None]``. An event
with ``replaces_waiting = True`` may take the place of an unread one of the same type and job.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from xray_tui.dataset.queue.states import JobState
from xray_tui.dataset.records import Record
from xray_tui.tasks import Task

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class Event:
    """Root of all events."""

    replaces_waiting: ClassVar[bool] = False


@dataclass(frozen=True)
class JobQueued(Event):
    """A job was accepted; ``total`` tasks, ``skipped`` of them have an image already."""

    job_id: str
    title: str
    total: int
    skipped: int


@dataclass(frozen=True)
class ModelLoading(Event):
    """A model is being loaded. ``fraction`` 0…1, or None where it is not known."""

    replaces_waiting: ClassVar[bool] = True
    job_id: str
    model: str
    text: str
    fraction: float | None = None


@dataclass(frozen=True)
class JobStarted(Event):
    job_id: str
    total: int
    """Tasks that will be made (the skipped ones are not counted)."""


@dataclass(frozen=True)
class StepDone(Event):
    """One denoising step of a batch. ``step`` counts from 1 to ``steps``."""

    replaces_waiting: ClassVar[bool] = True
    job_id: str
    step: int
    steps: int
    batch: int
    """1-based number of the batch in this run of the job."""
    batches: int
    images: int
    """Images in this batch."""
    seconds: float
    """Duration of this step."""
    memory_bytes: int
    """GPU memory allocated, or resident memory of the process where there is no GPU."""


@dataclass(frozen=True)
class PreviewReady(Event):
    """A small greyscale picture of the batch's first image as it is now."""

    replaces_waiting: ClassVar[bool] = True
    job_id: str
    task: Task
    step: int
    steps: int
    width: int
    height: int
    pixels: bytes
    """``width * height`` grey levels, row by row."""


@dataclass(frozen=True)
class ImageSaved(Event):
    job_id: str
    record: Record
    seconds: float
    """Seconds this image took (its batch's time over the images in it)."""


@dataclass(frozen=True)
class TaskFailed(Event):
    job_id: str
    task: Task
    message: str


@dataclass(frozen=True)
class JobStateChanged(Event):
    """Paused, resumed (``running``) or waiting again; the end is a :class:`JobFinished`."""

    job_id: str
    state: JobState


@dataclass(frozen=True)
class JobFinished(Event):
    job_id: str
    state: JobState
    """done, failed, cancelled or interrupted."""
    made: int
    skipped: int
    failed: int
    seconds: float
    message: str = ""
    """Why, when it did not end as done."""


@dataclass(frozen=True)
class JobForgotten(Event):
    """The job was cleared from the queue; its images stay."""

    job_id: str


@dataclass(frozen=True)
class QueueReordered(Event):
    """The jobs run in this order now."""

    job_ids: tuple[str, ...]


@dataclass(frozen=True)
class QueuePaused(Event):
    """The whole queue waits, or goes on."""

    paused: bool


@dataclass(frozen=True)
class LogLine(Event):
    level: LogLevel
    text: str
    when: float = field(default_factory=time.time)
    """Seconds since the epoch."""
