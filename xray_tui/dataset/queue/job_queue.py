"""The queue: jobs and their fixed tasks in the catalog, where they outlive every process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.files.encoding import encode
from xray_tui.dataset.queue.queue_reader import PAUSED, QueueReader, marks
from xray_tui.dataset.queue.states import (
    CANCELLABLE,
    FINISHED,
    PAUSABLE,
    RESUMABLE,
    RETRYABLE,
    WAITING,
    JobEnd,
    JobMoment,
    JobState,
    change_state,
)
from xray_tui.tasks import Job

REMOVED_ARE_KEPT = timedelta(days=7)
"""For so long the rows of a removed job stay in the catalog, hidden, so that it can be put back."""


class JobQueue(QueueReader):
    """The jobs in a database. Usable from any thread, and by several processes at once.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises. A
    method that changes the state of one job returns whether it did: a job in a state that does not
    allow the change stays as it is. States of a task: queued, done, failed.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.announce: Callable[[str, JobMoment], object] = _ignore
        """Called with each job that this object ends, and how; set it to listen.

        The call comes after the change is stored, in the thread that ended the job.
        """

    def add(self, job: Job, request: Mapping[str, Any] | None = None) -> None:
        """Store ``job`` with all its tasks at the end of the queue, or store nothing.

        A job that is in the queue already is queued again at the end, unless it is running; its
        tasks keep their states. ``request`` is the user's request, in values that JSON can hold;
        None keeps the stored one.
        """
        asked = None if request is None else json.dumps(dict(request))
        tasks = (
            (job.id, task.id, batch_number, position, encode(task))
            for batch_number, batch in enumerate(job.batches)
            for position, task in enumerate(batch)
        )
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, created, title, state, place, request)"
                " VALUES (?, ?, ?, 'queued', 0, ifnull(?, '{}'))"
                " ON CONFLICT (id) DO UPDATE SET request = ifnull(?, request), removed = ''",
                (job.id, job.created, storable(job.title), asked, asked),
            )
            _queue_as_last(connection, job.id)
            connection.executemany(
                "INSERT INTO tasks (job_id, task_id, batch, position, task)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                tasks,
            )

    # ---- actions of users ------------------------------------------------------------------------

    def pause(self, job_id: str) -> bool:
        """Pause a queued or running job; returns whether it was in one of these states."""
        return self._change(job_id, "paused", PAUSABLE)

    def resume(self, job_id: str) -> bool:
        """Queue a paused, interrupted or cancelled job again, in its old place.

        Returns whether it was in one of these states.
        """
        return self._change(job_id, "queued", RESUMABLE)

    def cancel(self, job_id: str) -> bool:
        """Cancel an unfinished job; returns whether it was unfinished. Its images stay."""
        return self._end(job_id, "cancelled", CANCELLABLE)

    def retry(self, job_id: str) -> int | None:
        """Queue the failed tasks of a job again, and move it to the end; returns their number.

        A job that failed as a whole is queued again even without failed tasks, and 0 is returned.
        Returns None, and changes nothing, if the job is running or nothing in it failed.
        """
        with self._database.transaction() as connection:
            found = connection.execute(
                "SELECT state FROM jobs WHERE id = ? AND removed = ''", (job_id,)
            ).fetchone()
            if found is None or found[0] not in RETRYABLE:
                return None
            tasks = connection.execute(
                "UPDATE tasks SET state = 'queued', error = ''"
                " WHERE job_id = ? AND state = 'failed'",
                (job_id,),
            ).rowcount
            if not tasks and found[0] != "failed":
                return None
            _queue_as_last(connection, job_id)
        return tasks

    def move(self, job_id: str, offset: int) -> int:
        """Move a waiting job by ``offset`` places among the waiting jobs; negative is sooner.

        Returns by how many places it was moved: fewer at an end of the queue, none if the job does
        not wait.
        """
        with self._database.transaction() as connection:
            waiting = connection.execute(
                f"SELECT id, place FROM jobs WHERE state IN ({marks(WAITING)})"
                " ORDER BY place, created",
                WAITING,
            ).fetchall()
            ids = [waiting_id for waiting_id, _ in waiting]
            if job_id not in ids:
                return 0
            here = ids.index(job_id)
            there = max(0, min(here + offset, len(ids) - 1))
            ids.insert(there, ids.pop(here))
            places = [place for _, place in waiting]
            connection.executemany(
                "UPDATE jobs SET place = ? WHERE id = ?", zip(places, ids, strict=True)
            )
        return there - here

    def remove(self, job_id: str) -> bool:
        """Remove a finished job from the queue; returns whether it was finished.

        Its images and records stay. For a week, :meth:`put_back` brings the job back.
        """
        return bool(self._remove("id = ?", job_id))

    # ---- undoing the actions of users ------------------------------------------------------------

    def set_back(self, job_id: str, to: JobState, only_from: tuple[JobState, ...]) -> bool:
        """Give a job the state back that it had before a pause, a resume or a cancellation.

        Its finished images stay. Returns whether the job was in one of the states ``only_from``;
        otherwise somebody, or the job's own end, has changed it in the meantime.
        """
        return self._change(job_id, to, only_from)

    def put_back(self, job_id: str) -> bool:
        """Bring a removed job back to the queue, as it was; returns whether it was removed.

        If images of a done job were lost in the meantime, it is interrupted now.
        """
        with self._database.transaction() as connection:
            back = connection.execute(
                "UPDATE jobs SET removed = '' WHERE id = ? AND removed != ''", (job_id,)
            )
            lost = connection.execute(
                "SELECT 1 FROM tasks WHERE job_id = ? AND state = 'queued' LIMIT 1", (job_id,)
            ).fetchone()
            if lost is not None:
                change_state(connection, job_id, "interrupted", only_from=("done",))
            return back.rowcount > 0

    # ---- the run of a job ------------------------------------------------------------------------

    def start(self, job_id: str) -> bool:
        """Mark a queued job as running; returns whether it was queued."""
        return self._change(job_id, "running", ("queued",))

    def finish(self, job_id: str, state: JobEnd, message: str = "") -> bool:
        """Record how the run of a job ended: done, failed or interrupted, and why.

        Returns whether the job was still running; if it was paused or cancelled, it stays so.
        """
        return self._end(job_id, state, ("running",), message)

    def refuse(self, job_id: str, message: str) -> bool:
        """Mark a queued job as failed because it cannot start; returns whether it was queued."""
        return self._end(job_id, "failed", ("queued",), message)

    def set_aside(self, job_id: str, message: str = "") -> bool:
        """Mark a queued job as interrupted, so that it runs only if a user resumes it.

        For a queue that was left behind by an earlier session, or a job that cannot be started, as
        ``message`` says. Returns whether it was queued.
        """
        return self._change(job_id, "interrupted", ("queued",), message)

    def requeue_interrupted(self, job_id: str) -> bool:
        """Queue an interrupted job again in its old place; returns whether it was interrupted."""
        return self._change(job_id, "queued", ("interrupted",))

    def interrupt_running(self) -> list[str]:
        """Mark the running jobs as interrupted; returns their ids.

        Only for a process that has just acquired the generator lock: the process that ran these
        jobs ended without recording it.
        """
        with self._database.transaction() as connection:
            found = connection.execute("SELECT id FROM jobs WHERE state = 'running'").fetchall()
            ids = [str(job_id) for (job_id,) in found]
            for job_id in ids:
                change_state(connection, job_id, "interrupted")
        for job_id in ids:
            self.announce(job_id, "interrupted")
        return ids

    def set_task_states(
        self, job_id: str, task_ids: Iterable[str], state: str, error: str = ""
    ) -> None:
        """Set the state of these tasks of a job, and the reason if they failed."""
        rows = [(state, storable(error), job_id, task_id) for task_id in task_ids]
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE tasks SET state = ?, error = ? WHERE job_id = ? AND task_id = ?", rows
            )

    def set_batch_limit(self, job_id: str, size: int) -> None:
        """Store the largest batch of a job that fits into the device's memory; 0 for no limit."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET batch_limit = ? WHERE id = ?", (size, job_id))

    def add_seconds(self, job_id: str, seconds: float) -> None:
        """Add to the time spent working on a job."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET seconds = seconds + ? WHERE id = ?", (seconds, job_id)
            )

    # ---- the whole queue -------------------------------------------------------------------------

    def set_paused(self, paused: bool) -> None:
        """Pause or resume the whole queue, for every process."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (PAUSED, "1" if paused else "0"),
            )

    def clear_finished(self) -> list[str]:
        """Remove done, cancelled and failed jobs, as :meth:`remove` does; returns their ids."""
        return self._remove("true")

    def _remove(self, condition: str, *values: object) -> list[str]:
        now = datetime.now(UTC)
        long_ago = (now - REMOVED_ARE_KEPT).isoformat("T", "seconds")
        with self._database.transaction() as connection:
            old = "SELECT id FROM jobs WHERE removed != '' AND removed < ?"
            connection.execute(f"DELETE FROM tasks WHERE job_id IN ({old})", (long_ago,))
            connection.execute(f"DELETE FROM jobs WHERE id IN ({old})", (long_ago,))
            found = connection.execute(
                f"UPDATE jobs SET removed = ? WHERE {condition} AND removed = ''"
                f" AND state IN ({marks(FINISHED)}) RETURNING id",
                (now.isoformat("T", "seconds"), *values, *FINISHED),
            )
            return [str(job_id) for (job_id,) in found.fetchall()]

    def _end(
        self, job_id: str, to: JobEnd, only_from: tuple[JobState, ...], message: str = ""
    ) -> bool:
        changed = self._change(job_id, to, only_from, message)
        if changed:
            self.announce(job_id, to)
        return changed

    def _change(
        self, job_id: str, to: JobState, only_from: tuple[JobState, ...], message: str = ""
    ) -> bool:
        with self._database.transaction() as connection:
            return change_state(
                connection, job_id, to, only_from=only_from, message=storable(message)
            )


def _ignore(job_id: str, moment: JobMoment) -> None:
    """What a queue calls to which nobody listens."""


def _queue_as_last(connection: sqlite3.Connection, job_id: str) -> None:
    """Queue a job behind all others; a running job stays as it is."""
    change_state(connection, job_id, "queued")
    connection.execute(
        "UPDATE jobs SET place = (SELECT ifnull(max(place), 0) + 1 FROM jobs)"
        " WHERE id = ? AND state = 'queued'",
        (job_id,),
    )
