"""The queue: jobs and their fixed tasks in the catalog, where they outlive every process."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.files.encoding import encode
from xray_tui.dataset.queue.job_rows import ALIVE, FINISHED, WAITING, JobRow, read_rows
from xray_tui.dataset.queue.task_rows import FailedTask, read_batches, read_failed
from xray_tui.errors import DatasetError
from xray_tui.tasks import Job, JobState
from xray_tui.text import quoted

_PAUSED = "paused"
_STOPPED = ("paused", "interrupted", "cancelled")
_LATEST = 100
"""Images that the time for one is taken from."""


class JobQueue:
    """The jobs in ``database``. Usable from any thread, and by several processes at once.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    States of a task: queued, done, failed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # ---- looking ---------------------------------------------------------------------------------

    def rows(self, states: Collection[str] | None = None) -> list[JobRow]:
        """The jobs in the order they run in; only those in ``states``, where given."""
        if states is None:
            return read_rows(self._database)
        return read_rows(self._database, f"WHERE jobs.state IN ({_marks(states)})", *states)

    def ids(self, states: Collection[str]) -> list[str]:
        """The ids of the jobs in ``states``, in the order they run in; counts no tasks."""
        found = self._database.read(
            f"SELECT id FROM jobs WHERE state IN ({_marks(states)}) ORDER BY place, created",
            tuple(states),
        )
        return [str(job_id) for (job_id,) in found]

    def row(self, job_id: str) -> JobRow | None:
        """The job with this id."""
        return next(iter(read_rows(self._database, "WHERE id = ?", job_id)), None)

    def load(self, job_id: str) -> Job:
        """The job as it was planned, whatever became of its tasks.

        Raises:
            DatasetError: there is no such job.
        """
        found = self._database.read(
            "SELECT created, title FROM jobs WHERE id = ?", (job_id,), (str, str)
        )
        if not found:
            raise DatasetError(f"there is no job {quoted(job_id)} in the queue")
        ((created, title),) = found
        return Job(job_id, created, title, read_batches(self._database, job_id))

    def next_queued(self) -> str | None:
        """The id of the job whose turn it is."""
        found = self._database.read(
            "SELECT id FROM jobs WHERE state = 'queued' ORDER BY place, created LIMIT 1"
        )
        return str(found[0][0]) if found else None

    def state(self, job_id: str) -> JobState | None:
        """Where a job stands; cheap enough to ask twice a second. None: there is no such job."""
        found = self._database.read("SELECT state FROM jobs WHERE id = ?", (job_id,))
        return cast(JobState, found[0][0]) if found else None

    def errors(self, job_id: str, limit: int) -> list[FailedTask]:
        """The first ``limit`` failed tasks of a job, and why they failed."""
        return read_failed(self._database, job_id, limit)

    def seconds_per_image(self, job_id: str) -> float | None:
        """What one of the latest images of a job took, on average; None before the first."""
        ((seconds,),) = self._database.read(
            "SELECT avg(json_extract(provenance, '$.seconds')) FROM (SELECT provenance FROM records"
            " WHERE job_id = ? AND json_valid(provenance) ORDER BY id DESC LIMIT ?)",
            (job_id, _LATEST),
        )
        return None if seconds is None else float(seconds)

    def images_to_come(self) -> dict[tuple[str, str], int]:
        """How many images of each region and label are queued and not made yet, paused or not."""
        rows = self._database.read(
            "SELECT json_extract(task, '$.region'), json_extract(task, '$.label'), count(*)"
            " FROM tasks JOIN jobs ON jobs.id = job_id"
            f" WHERE jobs.state IN ({_marks(ALIVE)}) AND tasks.state = 'queued'"
            " AND json_valid(task) GROUP BY 1, 2",
            ALIVE,
        )
        return {(str(region), str(label)): int(count) for region, label, count in rows}

    # ---- one job ---------------------------------------------------------------------------------

    def add(self, job: Job, request: Mapping[str, Any] | None = None) -> None:
        """Store ``job`` with all its tasks as the last of the queue, or nothing.

        A job known already is queued again, its tasks as they stand. ``request`` is what was asked
        for, as JSON can hold it; None leaves what is known.
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
                " VALUES (?, ?, ?, 'queued', (SELECT ifnull(max(place), 0) + 1 FROM jobs),"
                " ifnull(?, '{}'))"
                " ON CONFLICT (id) DO UPDATE SET state = 'queued', message = '', finished = '',"
                " place = excluded.place, request = ifnull(?, request)",
                (job.id, job.created, storable(job.title), asked, asked),
            )
            connection.executemany(
                "INSERT INTO tasks (job_id, task_id, batch, position, task)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                tasks,
            )

    def set_state(
        self, job_id: str, state: str, message: str = "", *, if_in: Collection[str] | None = None
    ) -> bool:
        """Note where a job stands, and why; with ``if_in`` only if it stands at one of these.

        Returns whether it was noted. The first "running" is when it started; "done", "failed" and
        "cancelled" are when it finished.
        """
        condition = "" if if_in is None else f" AND state IN ({_marks(if_in)})"
        now = _now()
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = ?, message = ?,"
                " started = CASE WHEN ? AND started = '' THEN ? ELSE started END, finished = ?"
                f" WHERE id = ?{condition}",
                (
                    state,
                    storable(message),
                    state == "running",
                    now,
                    now if state in FINISHED else "",
                    job_id,
                    *(if_in or ()),
                ),
            )
        return changed.rowcount > 0

    def set_task_states(
        self, job_id: str, task_ids: Iterable[str], state: str, error: str = ""
    ) -> None:
        """Note where these tasks of a job stand, and why."""
        rows = [(state, storable(error), job_id, task_id) for task_id in task_ids]
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE tasks SET state = ?, error = ? WHERE job_id = ? AND task_id = ?", rows
            )

    def move(self, job_id: str, offset: int) -> None:
        """Move a job that waits by ``offset`` places among those that wait; negative is sooner."""
        with self._database.transaction() as connection:
            waiting = connection.execute(
                f"SELECT id, place FROM jobs WHERE state IN ({_marks(WAITING)})"
                " ORDER BY place, created",
                WAITING,
            ).fetchall()
            ids = [waiting_id for waiting_id, _ in waiting]
            if job_id not in ids:
                return
            here = ids.index(job_id)
            ids.insert(max(0, min(here + offset, len(ids) - 1)), ids.pop(here))
            places = [place for _, place in waiting]
            connection.executemany(
                "UPDATE jobs SET place = ? WHERE id = ?", zip(places, ids, strict=True)
            )

    def queue_again(self, job_id: str) -> bool:
        """Queue a paused, interrupted or cancelled job as the last; returns whether it was one."""
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE jobs SET state = 'queued', message = '', finished = '',"
                " place = (SELECT max(place) + 1 FROM jobs)"
                f" WHERE id = ? AND state IN ({_marks(_STOPPED)})",
                (job_id, *_STOPPED),
            )
        return changed.rowcount > 0

    def retry_failed(self, job_id: str) -> int:
        """Queue the failed tasks of a job again, and the job as the last; returns their number.

        A job that failed as a whole is queued again even without failed tasks. Nothing happens to
        one that runs.
        """
        with self._database.transaction() as connection:
            found = connection.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
            if found is None or found[0] == "running":
                return 0
            tasks = connection.execute(
                "UPDATE tasks SET state = 'queued', error = ''"
                " WHERE job_id = ? AND state = 'failed'",
                (job_id,),
            ).rowcount
            if tasks or found[0] == "failed":
                connection.execute(
                    "UPDATE jobs SET state = 'queued', message = '', finished = '',"
                    " place = (SELECT max(place) + 1 FROM jobs) WHERE id = ?",
                    (job_id,),
                )
        return tasks

    def set_batch_limit(self, job_id: str, size: int) -> None:
        """Note how many images of a job the device has memory for at once; 0 for no limit."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE jobs SET batch_limit = ? WHERE id = ?", (size, job_id))

    def add_seconds(self, job_id: str, seconds: float) -> None:
        """Add to the time that was worked on a job."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET seconds = seconds + ? WHERE id = ?", (seconds, job_id)
            )

    # ---- the whole queue -------------------------------------------------------------------------

    @property
    def paused(self) -> bool:
        """Whether no job may go on; kept across restarts, the same for every process."""
        return bool(
            self._database.read("SELECT 1 FROM settings WHERE name = ? AND value = '1'", (_PAUSED,))
        )

    def set_paused(self, paused: bool) -> None:
        """Pause the queue, or let it go on."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO settings (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (_PAUSED, "1" if paused else "0"),
            )

    def clear_finished(self) -> int:
        """Take done, cancelled and failed jobs out of the queue; returns their number.

        Their images and records stay.
        """
        with self._database.transaction() as connection:
            finished = f"SELECT id FROM jobs WHERE state IN ({_marks(FINISHED)})"
            connection.execute(f"DELETE FROM tasks WHERE job_id IN ({finished})", FINISHED)
            return connection.execute(
                f"DELETE FROM jobs WHERE id IN ({finished})", FINISHED
            ).rowcount

    def interrupt_running(self) -> list[str]:
        """Call the jobs that run interrupted; returns their ids.

        For whoever just got the generator lock: what ran then ended without saying so.
        """
        with self._database.transaction() as connection:
            found = connection.execute("SELECT id FROM jobs WHERE state = 'running'").fetchall()
            connection.execute("UPDATE jobs SET state = 'interrupted' WHERE state = 'running'")
        return [str(job_id) for (job_id,) in found]


def _marks(values: Collection[str]) -> str:
    return ",".join("?" * len(values))


def _now() -> str:
    return datetime.now(UTC).isoformat("T", "seconds")
