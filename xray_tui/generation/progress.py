"""Progress of the jobs, computed from the engine's events; the app and the command line show it."""

from __future__ import annotations

from collections.abc import Sequence

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
    StepDone,
)
from xray_tui.generation.job_progress import JobProgress
from xray_tui.tasks import TITLE_SEPARATOR


class ProgressModel:
    """Progress of all jobs since the start, in the order they run, and the totals over them.

    The totals count the jobs that wait or run, and those that ended since the present work began;
    of each, the images that were not done yet when it was first seen. Jobs that only the user can
    resume are left out: otherwise a small new job would be hidden among them.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, JobProgress] = {}
        self._ids_by_title: dict[str, list[str]] = {}
        """All jobs so far, also forgotten ones: a job keeps its number."""
        self._past: set[str] = set()
        """The jobs that the totals leave out."""
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
        self._past.discard(job_id)

    def reorder(self, job_ids: Sequence[str]) -> None:
        """List the jobs in this order; jobs whose ids are missing come last."""
        places = {job_id: place for place, job_id in enumerate(job_ids)}
        ordered = sorted(self._jobs, key=lambda job_id: places.get(job_id, len(places)))
        self._jobs = {job_id: self._jobs[job_id] for job_id in ordered}

    @property
    def done(self) -> int:
        """Images that were generated or failed."""
        return sum(job.settled_here for job in self._present)

    @property
    def total(self) -> int:
        """All images; a job that has ended for good counts only its finished images."""
        return sum(job.settled_here if job.over else job.size_here for job in self._present)

    @property
    def fraction(self) -> float:
        """Share of all images, 0…1, including the steps of the current batch."""
        total = self.total
        if total <= 0:
            return 1.0
        return min(sum(job.worth_here for job in self._present) / total, 1.0)

    @property
    def latest_pace(self) -> float | None:
        """Seconds per image of the latest job whose pace is known; None if there is none."""
        paces = [job.seconds_per_image for job in self._jobs.values() if job.seconds_per_image]
        return paces[-1] if paces else None

    @property
    def seconds_left(self) -> float | None:
        """An estimate for the jobs that run by themselves, a waiting job at the latest pace.

        It is 0 while the queue is paused: then nothing runs.
        """
        waiting = [job for job in self._jobs.values() if job.at_work]
        if self.paused or not waiting:
            return 0.0
        pace = self.latest_pace
        if pace is None:
            return None
        estimates = (job.seconds_left for job in waiting)
        return sum(
            job.remaining * pace if left is None else left
            for job, left in zip(waiting, estimates, strict=True)
        )

    def _numbered(self, job_id: str, title: str) -> str:
        """``title``, with a number before that of images if other jobs have the same title."""
        known = self._ids_by_title.setdefault(title, [])
        if job_id not in known:
            known.append(job_id)
        number = known.index(job_id) + 1
        if number == 1:
            return title
        name, separator, images = title.rpartition(TITLE_SEPARATOR)
        return f"{name} #{number}{separator}{images}" if name else f"{title} #{number}"

    @property
    def _present(self) -> list[JobProgress]:
        return [job for job in self._jobs.values() if job.id not in self._past and not job.held]

    def apply(self, event: Event) -> None:
        """Update the progress with one event; events that do not concern progress are ignored."""
        if isinstance(event, JobQueued | JobStarted | JobStateChanged):
            self._begin_anew(event.job_id)
        if isinstance(event, JobQueued):
            title = self._numbered(event.job_id, event.title)
            self._jobs[event.job_id] = JobProgress(
                event.job_id, title, max(event.total - event.skipped, 0), event.skipped
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
            if isinstance(event, JobFinished) and job.state == "queued":  # it never ran here
                self._past.add(job.id)
            job.apply(event)

    def _begin_anew(self, job_id: str) -> None:
        """Count ``job_id``; if no job was at work before, leave out those that have ended."""
        if all(job.ended or job.held for job in self._jobs.values()):
            self._past = {job.id for job in self._jobs.values() if job.over}
        self._past.discard(job_id)


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
