"""Undoing that a job was queued: it is cancelled, and not listed any more."""

from __future__ import annotations

from xray_tui.dataset.queue.job_queue import JobQueue


def withdraw(queue: JobQueue, job_id: str) -> bool:
    """Cancel an unfinished job and remove it from ``queue``; returns whether it did.

    The end of a job that never ran is not announced, as if it had not been queued.
    """
    row = queue.row(job_id)
    never_ran = row is not None and not row.started
    quietly = never_ran and queue.set_back(job_id, "cancelled", ("queued", "paused", "interrupted"))
    return (quietly or queue.cancel(job_id)) and queue.remove(job_id)
