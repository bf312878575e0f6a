"""Brings a job into any state through the queue's methods, for tests that start from there."""

from __future__ import annotations

from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.queue.states import JobState


def bring_to(queue: JobQueue, job_id: str, state: JobState, message: str = "") -> None:
    """Bring a job into ``state`` with as few calls as possible.

    ``message`` is kept only if ``state`` ends a run of the job: done, failed, or interrupted.
    """
    if queue.state(job_id) not in ("queued", "running"):
        queue.add(queue.load(job_id))
    match state:
        case "queued":
            return
        case "running":
            assert queue.start(job_id)
        case "paused":
            assert queue.pause(job_id)
        case "cancelled":
            assert queue.cancel(job_id)
        case "interrupted" if not message and queue.set_aside(job_id):
            return
        case "done" | "failed" | "interrupted":
            queue.start(job_id)
            assert queue.finish(job_id, state, message)
