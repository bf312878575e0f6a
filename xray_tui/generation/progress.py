"""Progress of the jobs, computed from the engine's events; the app and the command line show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xray_tui.dataset.queue.states import ENDED, JobState
from xray_tui.generation.events import (
    Event,
    GeneratorElsewhere,
    ImageSaved,
    JobFinished,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    ModelLoading,
    QueuePaused,
    QueueReordered,
    StepDone,
    TaskFailed,
)

SMOOTHING = 0.2
"""Weight of the newest measurement in the moving averages."""


@dataclass
class JobProgress:
    """Progress of one job. ``total`` images are to be generated, without the ``skipped`` ones."""

    id: str
    title: str
    total: int
    skipped: int
    state: JobState = "queued"
    done: int = 0
    failed: int = 0
    step: int = 0
    steps: int = 0
    batch: int = 0
    batches: int = 0
    images: int = 0
    """Images in the current batch."""
    begun: int = 0
    """Images in the batches before the current one."""
    seconds_per_image: float | None = None
    """Moving average over the finished images; before the first, an estimate from the steps."""
    loading: str = ""
    """The part of the model being loaded; empty once steps are done."""
    loading_fraction: float | None = None
    message: str = ""
    """Why the job ended in another state than done, or why it waits."""
    measured: bool = False
    """Whether ``seconds_per_image`` comes from finished images."""

    @property
    def finished(self) -> int:
        """Images that need no more work: generated or failed."""
        return self.done + self.failed

    @property
    def remaining(self) -> int:
        """Images that are still to be generated."""
        return max(self.total - self.finished, 0)

    @property
    def ended(self) -> bool:
        """Whether the job has ended, for now or for good."""
        return self.state in ENDED

    @property
    def over(self) -> bool:
        """Whether the job has ended for good; an interrupted job can be resumed."""
        return self.ended and self.state != "interrupted"

    @property
    def settled(self) -> int:
        """Images that need no more work, including those that existed before."""
        return self.skipped + self.finished

    @property
    def size(self) -> int:
        """All images of the job, including those that existed before."""
        return self.skipped + self.total

    @property
    def fraction(self) -> float:
        """Share of the work that is done, 0…1, including the steps of the current batch."""
        if self.total <= 0:
            return 1.0
        return min(self._images_worth / self.total, 1.0)

    @property
    def whole_fraction(self) -> float:
        """As :attr:`fraction`, including the images that existed before."""
        return min((self.skipped + self._images_worth) / self.size, 1.0) if self.size else 1.0

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while nothing is known about the pace, 0 when nothing remains."""
        if self.ended or self.remaining == 0:
            return 0.0
        if self.seconds_per_image is None:
            return None
        return max(self.total - self._images_worth, 0.0) * self.seconds_per_image

    @property
    def _images_worth(self) -> float:
        """Finished images plus the finished part of the current batch.

        A batch is saved while the next one is sampled, so ``begun`` may be ahead of ``finished``.
        """
        if self.ended or not (self.steps and self.batches):
            return self.finished
        return max(self.finished, self.begun + self.images * self.step / self.steps)

    def apply(self, event: Event) -> None:
        """Update the progress with an event of this job."""
        match event:
            case ModelLoading():
                self.loading, self.loading_fraction = event.text, event.fraction
            case JobStarted():
                self.state, self.loading = "running", ""
                self._skip(self.total + self.skipped - event.total)
                self.batch = self.images = self.begun = 0
                self.done = self.failed = 0  # a resumed job counts only what is left
            case StepDone():
                self._apply_step(event)
            case ImageSaved():
                self.done += 1
                before = self.seconds_per_image if self.measured else None
                self.seconds_per_image = _average(before, event.seconds)
                self.measured = True
            case TaskFailed():
                self.failed += 1
            case JobStateChanged():
                self.state, self.message = event.state, event.message
            case JobFinished():
                self.state, self.message, self.loading = event.state, event.message, ""
                self._skip(event.skipped)
                self.done, self.failed = event.made, event.failed

    def _skip(self, skipped: int) -> None:
        """``skipped`` images already exist; only the rest count."""
        self.total, self.skipped = self.total + self.skipped - skipped, skipped

    def _apply_step(self, event: StepDone) -> None:
        self.loading = ""
        if event.batch != self.batch:
            self.begun += self.images
        self.step, self.steps = event.step, event.steps
        self.batch, self.batches, self.images = event.batch, event.batches, event.images
        if not self.measured and event.images and event.step > 1:  # the first step warms up
            estimate = event.seconds * event.steps / event.images
            self.seconds_per_image = _average(self.seconds_per_image, estimate)


class ProgressModel:
    """Progress of all jobs since the start, in the order they run, and the totals over them."""

    def __init__(self) -> None:
        self._jobs: dict[str, JobProgress] = {}
        self.paused = False
        """Whether the whole queue is paused."""
        self.elsewhere = ""
        """The other process that generates into the dataset; empty if there is none."""
        self.memory_bytes = 0
        """GPU memory allocated, or resident memory where there is no GPU."""

    @property
    def jobs(self) -> list[JobProgress]:
        """The jobs in the order they run."""
        return list(self._jobs.values())

    def job(self, job_id: str) -> JobProgress | None:
        """The job with this id, or None if it is unknown."""
        return self._jobs.get(job_id)

    def forget(self, job_id: str) -> None:
        """Drop a job from the list."""
        self._jobs.pop(job_id, None)

    def reorder(self, job_ids: Sequence[str]) -> None:
        """List the jobs in this order; jobs whose ids are missing come last."""
        places = {job_id: place for place, job_id in enumerate(job_ids)}
        ordered = sorted(self._jobs, key=lambda job_id: places.get(job_id, len(places)))
        self._jobs = {job_id: self._jobs[job_id] for job_id in ordered}

    @property
    def done(self) -> int:
        """Images of all jobs that are generated, existed before, or failed."""
        return sum(job.settled for job in self._jobs.values())

    @property
    def total(self) -> int:
        """Images of all jobs; a job that has ended for good counts only its finished images."""
        return sum(job.settled if job.over else job.size for job in self._jobs.values())

    @property
    def fraction(self) -> float:
        """Share of all images, 0…1, including the steps of the current batch."""
        total = self.total
        if total <= 0:
            return 1.0
        worth = sum(
            job.settled if job.over else job.whole_fraction * job.size
            for job in self._jobs.values()
        )
        return min(worth / total, 1.0)

    @property
    def latest_pace(self) -> float | None:
        """Seconds per image of the latest job whose pace is known; None if there is none."""
        paces = [job.seconds_per_image for job in self._jobs.values() if job.seconds_per_image]
        return paces[-1] if paces else None

    @property
    def seconds_left(self) -> float | None:
        """An estimate for all jobs; a waiting job is expected to run at the latest pace."""
        waiting = [job for job in self._jobs.values() if not job.ended]
        if not waiting:
            return 0.0
        pace = self.latest_pace
        if pace is None:
            return None
        estimates = (job.seconds_left for job in waiting)
        return sum(
            job.remaining * pace if left is None else left
            for job, left in zip(waiting, estimates, strict=True)
        )

    def apply(self, event: Event) -> None:
        """Update the progress with one event; events that do not concern progress are ignored."""
        if isinstance(event, JobQueued):
            self._jobs[event.job_id] = JobProgress(
                event.job_id, event.title, max(event.total - event.skipped, 0), event.skipped
            )
            return
        if isinstance(event, QueuePaused):
            self.paused = event.paused
        if isinstance(event, GeneratorElsewhere):
            self.elsewhere = event.process
        if isinstance(event, QueueReordered):
            self.reorder(event.job_ids)
        if isinstance(event, JobForgotten):
            self.forget(event.job_id)
        if isinstance(event, StepDone):
            self.memory_bytes = event.memory_bytes
        job = self._jobs.get(getattr(event, "job_id", ""))
        if job is not None:
            job.apply(event)


def _average(before: float | None, value: float) -> float:
    return value if before is None else before + SMOOTHING * (value - before)


def duration(seconds: float) -> str:
    """A short text for a duration: ``8.0 s``, ``42 s``, ``3:05``, ``2:03:05``, ``3 d 4 h``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def about(seconds: float) -> str:
    """A rough text for an estimate: ``about 40 s``, ``about 1 h 10 min``, ``about 3 days``."""
    minutes = round(seconds / 60)
    if seconds < 59.5:
        return f"about {max(1, round(seconds))} s"
    if minutes < 60:
        return f"about {minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 10:
        return f"about {hours} h {minutes} min" if minutes else f"about {hours} h"
    return f"about {hours} h" if hours < 48 else f"about {round(hours / 24):,} days"
