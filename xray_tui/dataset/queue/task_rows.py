"""Reading the tasks of a job from the catalog: there may be many, most of them nearly the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import groupby
from operator import itemgetter
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.files.encoding import decode_task, describe
from xray_tui.tasks import Task

_CHUNK = 2000
"""Tasks read by one statement: other threads can read in between."""
_OWN = ("slots", "seed", "table_row")
_SHARED = tuple(field.name for field in fields(Task) if field.name not in _OWN)
"""Fields whose equal values are kept in memory only once."""


@dataclass(frozen=True)
class FailedTask:
    """A task that failed, and why."""

    task: Task
    error: str


class JobPrompt(NamedTuple):
    """The tasks of a job that come from one prompt."""

    prompt_id: Annotated[str, "json_extract(task, '$.prompt_id')"]
    label: Annotated[str, "json_extract(task, '$.label')"]
    text: Annotated[str, "json_extract(task, '$.text')"]
    """The text of its first image."""
    texts: Annotated[int, "count(DISTINCT json_extract(task, '$.text'))"]
    """Different texts: more than one if the prompt has slots."""
    total: Annotated[int, "count(*)"]
    done: Annotated[int, "count(CASE state WHEN 'done' THEN 1 END)"]
    failed: Annotated[int, "count(CASE state WHEN 'failed' THEN 1 END)"]
    # SQLite takes the columns that are no aggregates from the row with the smallest value here.
    first: Annotated[int, "min(batch * 1000000 + position)"]
    among: Annotated[int, "count(*) OVER ()"]
    """The number of prompts of the job."""


class _StoredError(NamedTuple):
    task: str
    error: str


class _StoredTask(NamedTuple):
    batch: int
    position: int
    task_id: str
    task: str


def read_failed(database: Database, job_id: str, limit: int) -> list[FailedTask]:
    """The first ``limit`` failed tasks of a job, in the planned order.

    Raises:
        CatalogDamagedError: a row is not a task.
    """
    rows = database.select(
        _StoredError,
        "FROM tasks WHERE job_id = ? AND state = 'failed' ORDER BY batch, position LIMIT ?",
        (job_id, limit),
    )
    return [FailedTask(_decoded(database, job_id, row.task), row.error) for row in rows]


def read_prompts(database: Database, job_id: str, limit: int) -> list[JobPrompt]:
    """The first ``limit`` prompts of a job in the planned order, with the numbers of their tasks.

    Raises:
        CatalogDamagedError: a row is not a task.
    """
    # By position: 1 is the prompt, 8 its first place in the job.
    rest = "FROM tasks WHERE job_id = ? AND json_valid(task) GROUP BY 1 ORDER BY 8 LIMIT ?"
    return database.select(JobPrompt, rest, (job_id, limit))


def read_batches(database: Database, job_id: str) -> tuple[tuple[Task, ...], ...]:
    """The tasks of a job in their batches, in the planned order.

    Raises:
        CatalogDamagedError: a row is not a task.
    """
    rows = _tasks(database, job_id)
    return tuple(tuple(task for _, task in batch) for _, batch in groupby(rows, key=itemgetter(0)))


def _tasks(database: Database, job_id: str) -> Iterator[tuple[int, Task]]:
    """Each task with the number of its batch, in the planned order."""
    seen: dict[object, object] = {}
    last = (-1, -1)
    while rows := database.select(
        _StoredTask,
        "FROM tasks WHERE job_id = ? AND (batch, position) > (?, ?)"
        " ORDER BY batch, position LIMIT ?",
        (job_id, *last, _CHUNK),
    ):
        for row in rows:
            task = _decoded(database, job_id, row.task)
            _share(task, seen)
            vars(task)["id"] = row.task_id  # computing it again takes longer than reading the row
            yield row.batch, task
            last = row.batch, row.position


def _decoded(database: Database, job_id: str, text: str) -> Task:
    try:
        return decode_task(text)
    except ValueError as error:
        raise damaged(
            database.path, f"a task of job {job_id} is damaged ({describe(error)})"
        ) from error


def _share(task: Task, seen: dict[object, object]) -> None:
    """Let ``task`` use the equal parts of earlier tasks, so that each is in memory once."""
    parts = vars(task)
    for name in _SHARED:
        parts[name] = seen.setdefault(parts[name], parts[name])
