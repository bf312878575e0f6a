"""The states of a job: what each group of them means, and which state may follow which.

``JobQueue`` has the actions (pause, resume, cancel, retry, …). They all change a state with
:func:`change_state`, which refuses every step that is not in ``NEXT``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, get_args

JobState = Literal["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
JobEnd = Literal["done", "failed", "cancelled", "interrupted"]
JobMoment = JobEnd | Literal["waiting"]
"""How a job ended, or that it waits until there is room on the disk."""
STATES: tuple[JobState, ...] = get_args(JobState)

NEXT: Mapping[JobState, frozenset[JobState]] = {
    "queued": frozenset({"running", "paused", "interrupted", "cancelled", "failed"}),
    "running": frozenset({"done", "failed", "interrupted", "paused", "cancelled"}),
    "paused": frozenset({"queued", "cancelled"}),
    "interrupted": frozenset({"queued", "cancelled"}),
    "cancelled": frozenset({"queued", "paused", "interrupted"}),
    "failed": frozenset({"queued"}),
    # Interrupted: images of the job were deleted, and a repair noticed.
    "done": frozenset({"queued", "interrupted"}),
}
"""For each state, the states that may follow it."""

WAITING: tuple[JobState, ...] = ("queued", "paused", "interrupted")
"""The job has not finished and is not running: it can be moved within the queue."""
ALIVE: tuple[JobState, ...] = (*WAITING, "running")
"""The job may still generate images."""
FINISHED: tuple[JobState, ...] = ("done", "cancelled", "failed")
"""The job generates nothing more unless someone resumes or retries it."""
ENDED: tuple[JobState, ...] = (*FINISHED, "interrupted")
"""A run of the job has ended."""

PAUSABLE: tuple[JobState, ...] = ("queued", "running")
RESUMABLE: tuple[JobState, ...] = ("paused", "interrupted", "cancelled")
"""The job was stopped before its end: ``resume`` queues it again, in its old place."""
CANCELLABLE = ALIVE
RETRYABLE: tuple[JobState, ...] = tuple(state for state in STATES if state != "running")
"""Failed tasks of the job may be queued again; the job then moves to the end."""


def change_state(
    connection: sqlite3.Connection,
    job_id: str,
    to: JobState,
    *,
    only_from: tuple[JobState, ...] = STATES,
    message: str = "",
) -> bool:
    """Change the state of a job if the table allows it; ``message`` says why.

    ``connection`` is in a transaction. The first change to "running" sets ``started``, a change to
    one of ``FINISHED`` sets ``finished``. Returns False, and changes nothing, if there is no such
    job in the queue, or ``to`` may not follow its state, or its state is not one of ``only_from``.
    """
    before = [state for state in STATES if state in only_from and to in NEXT[state]]
    now = datetime.now(UTC).isoformat("T", "seconds")
    changed = connection.execute(
        "UPDATE jobs SET state = ?, message = ?, finished = ?,"
        " started = CASE WHEN ? AND started = '' THEN ? ELSE started END"
        f" WHERE id = ? AND removed = '' AND state IN ({','.join('?' * len(before))})",
        (to, message, now if to in FINISHED else "", to == "running", now, job_id, *before),
    )
    return changed.rowcount > 0
