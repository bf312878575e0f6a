"""Reading the tasks of a job back from the catalog: many, and most of each the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby
from operator import itemgetter

from xray_tui.dataset.database import Database
from xray_tui.dataset.database_errors import damaged
from xray_tui.dataset.encoding import decode_task, describe
from xray_tui.tasks import Task

_CHUNK = 2000
"""Tasks read by one statement: other threads get their turn in between."""
_SHARED = tuple(field.name for field in fields(Task) if field.name not in ("slots", "seed"))


def read_batches(database: Database, job_id: str) -> tuple[tuple[Task, ...], ...]:
    """The tasks of a job in their batches, in the order they were planned in.

    Raises:
        CatalogDamagedError: a row is not a task.
    """
    rows = _tasks(database, job_id)
    return tuple(tuple(task for _, task in batch) for _, batch in groupby(rows, key=itemgetter(0)))


def _tasks(database: Database, job_id: str) -> Iterator[tuple[int, Task]]:
    """Number of its batch, and task."""
    seen: dict[object, object] = {}
    last = (-1, -1)
    while rows := database.read(
        "SELECT batch, position, task_id, task FROM tasks WHERE job_id = ?"
        " AND (batch, position) > (?, ?) ORDER BY batch, position LIMIT ?",
        (job_id, *last, _CHUNK),
    ):
        for batch, position, task_id, text in rows:
            try:
                task = decode_task(text)
            except ValueError as error:
                raise damaged(
                    database.path, f"a task of job {job_id} is damaged ({describe(error)})"
                ) from error
            _share(task, seen)
            vars(task)["id"] = task_id  # working it out anew takes longer than reading the row
            yield batch, task
            last = batch, position


def _share(task: Task, seen: dict[object, object]) -> None:
    """Let ``task`` use the equal parts of earlier tasks, so that each is in memory once."""
    parts = vars(task)
    for name in _SHARED:
        parts[name] = seen.setdefault(parts[name], parts[name])
