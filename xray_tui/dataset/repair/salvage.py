"""Recovers the data that only the damaged catalog holds: the queue, and the rule for decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from xray_tui.dataset.catalog import rows
from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.catalog.review_rows import RULE, write_rule
from xray_tui.dataset.files.encoding import decode_task, encode
from xray_tui.dataset.opinions import RULES
from xray_tui.dataset.queue.states import FINISHED, STATES
from xray_tui.errors import CatalogDamagedError
from xray_tui.tasks import Task

_INVALID_VALUE_ERRORS = (ValueError, TypeError, AttributeError, sqlite3.Error, CatalogDamagedError)
"""Raised for values of the wrong type."""
_TASK_STATES = ("queued", "done", "failed")
_RULE = f"SELECT value FROM settings WHERE name = '{RULE}'"


class _SavedJob(NamedTuple):
    id: Annotated[str, "id", storable]
    created: Annotated[str, "created", storable]
    title: Annotated[str, "title", storable]
    state: Annotated[str, "state", storable]
    message: Annotated[str, "message", storable]
    place: Annotated[int, "place", int]
    request: Annotated[str, "request", storable]
    batch_limit: Annotated[int, "batch_limit", int]
    seconds: Annotated[float, "seconds", float]
    started: Annotated[str, "started", storable]
    finished: Annotated[str, "finished", storable]


class _SavedTask(NamedTuple):
    task_id: str
    batch: Annotated[int, "batch", int]
    position: Annotated[int, "position", int]
    task: Annotated[Task, "task", decode_task]
    state: str
    error: Annotated[str, "error", storable]


def salvage(damaged: Path, database: Database) -> int:
    """Copy the rule for decisions and the intact jobs from the file ``damaged``.

    Returns the number of jobs. A job that was running becomes interrupted, so that the user is
    asked whether to resume it. Done tasks are queued until their images have been found.

    Raises:
        DatasetError: the jobs cannot be written.
    """
    jobs = 0
    # Immutable: otherwise SQLite would roll back the journal and lose more.
    source = f"{damaged.as_uri()}?mode=ro&immutable=1"
    with (
        suppress(sqlite3.Error, UnicodeDecodeError),
        closing(sqlite3.connect(source, uri=True)) as connection,
    ):
        for (rule,) in _readable(connection, _RULE):
            if rule in RULES:
                write_rule(database, rule)
        for found in _readable(connection, rows.statement(_SavedJob, "FROM jobs ORDER BY place")):
            with suppress(*_INVALID_VALUE_ERRORS):
                (job,) = rows.parse(_SavedJob, [found])
                _copy(job, _tasks(connection, job.id), database)
                jobs += 1
    return jobs


def _readable(connection: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows that can be read."""
    with suppress(sqlite3.Error, UnicodeDecodeError):
        yield from connection.execute(sql)


def _tasks(connection: sqlite3.Connection, job_id: str) -> list[_SavedTask]:
    """The tasks of a job.

    Raises:
        ValueError: a task is damaged.
        sqlite3.Error: they cannot be read.
    """
    tasks = rows.select(
        connection, _SavedTask, "FROM tasks WHERE job_id = ? ORDER BY batch, position", (job_id,)
    )
    if any(saved.task.id != saved.task_id or saved.state not in _TASK_STATES for saved in tasks):
        raise ValueError("a damaged task")
    return tasks


def _copy(job: _SavedJob, tasks: Iterable[_SavedTask], database: Database) -> None:
    if job.state not in STATES:
        raise ValueError("a damaged job")
    state = job.state if job.state in (*FINISHED, "queued") else "interrupted"
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO jobs (id, created, title, state, message, place, request, batch_limit,"
            " seconds, started, finished) VALUES (:id, :created, :title, :state, :message, :place,"
            " :request, :batch_limit, :seconds, :started, :finished)",
            job._replace(state=state)._asdict(),
        )
        connection.executemany(
            "INSERT INTO tasks (job_id, task_id, batch, position, task, state, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    job.id,
                    saved.task_id,
                    saved.batch,
                    saved.position,
                    encode(saved.task),
                    "failed" if saved.state == "failed" else "queued",
                    saved.error,
                )
                for saved in tasks
            ),
        )
