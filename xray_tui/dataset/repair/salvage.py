"""Reads from a damaged catalog what is not in the files: the queue, and the rule for decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.catalog.review_rows import RULE, write_rule
from xray_tui.dataset.files.encoding import decode_task, encode
from xray_tui.dataset.opinions import RULES
from xray_tui.dataset.queue.states import FINISHED, STATES
from xray_tui.errors import CatalogDamagedError

_INVALID_VALUE_ERRORS = (ValueError, TypeError, AttributeError, sqlite3.Error, CatalogDamagedError)
"""Raised for values of the wrong type."""
_TASK_STATES = ("queued", "done", "failed")
_JOBS = (
    "SELECT id, created, title, state, message, place, request, batch_limit, seconds, started,"
    " finished FROM jobs ORDER BY place"
)
_TASKS = (
    "SELECT task_id, batch, position, task, state, error FROM tasks WHERE job_id = ?"
    " ORDER BY batch, position"
)
_RULE = f"SELECT value FROM settings WHERE name = '{RULE}'"


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
        for (rule,) in _rows(connection, _RULE):
            if rule in RULES:
                write_rule(database, rule)
        for job in _rows(connection, _JOBS):
            with suppress(*_INVALID_VALUE_ERRORS):
                _copy(job, list(_tasks(connection, job[0])), database)
                jobs += 1
    return jobs


def _rows(connection: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows that can be read."""
    with suppress(sqlite3.Error, UnicodeDecodeError):
        yield from connection.execute(sql)


def _tasks(connection: sqlite3.Connection, job_id: str) -> Iterator[tuple[Any, ...]]:
    """The tasks of a job.

    Raises:
        ValueError: a task is damaged.
        sqlite3.Error: they cannot be read.
    """
    for task_id, batch, position, text, state, error in connection.execute(_TASKS, (job_id,)):
        task = decode_task(text)
        if task.id != task_id or state not in _TASK_STATES:
            raise ValueError("a damaged task")
        kept = "failed" if state == "failed" else "queued"
        yield job_id, task_id, int(batch), int(position), encode(task), kept, storable(error)


def _copy(job: tuple[Any, ...], tasks: list[tuple[Any, ...]], database: Database) -> None:
    job_id, created, title, state, message, place, request, limit, seconds, started, ended = job
    if state not in STATES:
        raise ValueError("a damaged job")
    kept = state if state in (*FINISHED, "queued") else "interrupted"
    texts = map(storable, (job_id, created, title, kept, message, request, started, ended))
    numbers = (int(place), int(limit), float(seconds))
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO jobs (id, created, title, state, message, request, started, finished,"
            " place, batch_limit, seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*texts, *numbers),
        )
        connection.executemany(
            "INSERT INTO tasks (job_id, task_id, batch, position, task, state, error)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            tasks,
        )
