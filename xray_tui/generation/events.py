"""The events of the engine, as small frozen dataclasses.

They come from the engine's threads through one listener, ``Emit``. An event with
``replaces_waiting = True`` may replace an unread event of the same type and job.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from xray_tui.dataset.queue.states import JobState
from xray_tui.dataset.records import Record
from xray_tui.tasks import Task

LogLevel = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True)
class Event:
    """Base class of all events."""

    replaces_waiting: ClassVar[bool] = False


Emit = Callable[[Event], None]
"""Passes an event on to the listener."""


@dataclass(frozen=True)
class JobQueued(Event):
    """A job was added; ``skipped`` of its ``total`` tasks already have an image."""

    job_id: str
    title: str
    total: int
    skipped: int


@dataclass(frozen=True)
class ModelLoading(Event):
    """A model is being loaded. ``fraction`` 0…1, or None if it is not known."""

    replaces_waiting: ClassVar[bool] = True
    job_id: str
    model: str
    text: str
    fraction: float | None = None


@dataclass(frozen=True)
class JobStarted(Event):
    job_id: str
    total: int
    """Images that will be generated, without the skipped ones."""


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
    """A small greyscale picture of the batch's first image as it looks now."""

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
    """Seconds for this image: the time of its batch divided by the images in it."""


@dataclass(frozen=True)
class TaskFailed(Event):
    job_id: str
    task: Task
    message: str


@dataclass(frozen=True)
class JobStateChanged(Event):
    """Paused, resumed (``running``) or queued again; the end is a :class:`JobFinished`."""

    job_id: str
    state: JobState
    message: str = ""
    """Why the job is paused, if nobody paused it."""


@dataclass(frozen=True)
class JobFinished(Event):
    job_id: str
    state: JobState
    """done, failed, cancelled or interrupted."""
    made: int
    """Images that were generated; the name is part of the ``--json`` output."""
    skipped: int
    """Images that existed before."""
    failed: int
    """Images that could not be generated."""
    seconds: float
    message: str = ""
    """Why the state is not done; empty if it is."""


@dataclass(frozen=True)
class JobForgotten(Event):
    """The job was removed from the queue; its images stay."""

    job_id: str


@dataclass(frozen=True)
class QueueReordered(Event):
    """The jobs now run in this order."""

    job_ids: tuple[str, ...]


@dataclass(frozen=True)
class QueuePaused(Event):
    """The whole queue was paused or resumed."""

    paused: bool


@dataclass(frozen=True)
class GeneratorElsewhere(Event):
    """Another process generates into the dataset, or none does any more (``process`` is empty)."""

    process: str


@dataclass(frozen=True)
class LogLine(Event):
    level: LogLevel
    text: str
    when: float = field(default_factory=time.time)
    """Seconds since the epoch."""
