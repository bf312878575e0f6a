"""Lines about the progress and the end of a job, for a headless run."""

from __future__ import annotations

from xray_tui.generation.events import JobFinished
from xray_tui.generation.job_progress import JobProgress
from xray_tui.text import clean, counted, duration


def line(job: JobProgress) -> str:
    """How far ``job`` is, in one line."""
    if job.loading:
        return loading(job.loading, job.loading_fraction)
    facts = [f"{job.done} of {counted(job.total, 'image')} generated"]
    if job.failed:
        facts.append(f"{job.failed} failed")
    if job.steps:
        facts.append(f"step {job.step} of {job.steps}, batch {job.batch} of {job.batches}")
    return " · ".join(filter(None, [*facts, pace(job)]))


def loading(text: str, fraction: float | None) -> str:
    """Which part of the model is loaded, and how much of it."""
    return clean(text) if fraction is None else f"{clean(text)} {fraction:.0%}"


def pace(job: JobProgress) -> str:
    """The time for an image, and the time left; empty while it is unknown."""
    if job.pace is None:
        return ""
    left = f", {duration(job.seconds_left)} left" if job.seconds_left else ""
    return f"{duration(job.pace)} per image{left}"


def summary(event: JobFinished, *, named: bool = False) -> str:
    """How a job ended; ``named`` with its id, where several jobs are shown."""
    end = f"Job {event.job_id} {event.state}" if named else event.state.capitalize()
    why = f" ({event.message})" if event.message else ""
    images = counts(event.made, event.skipped, event.failed)
    return f"{end}{why}: {images}, {duration(event.seconds)}"


def counts(made: int, skipped: int, failed: int) -> str:
    """How many images were generated, existed or failed."""
    return f"{made} generated, {skipped} already existed, {failed} failed"
