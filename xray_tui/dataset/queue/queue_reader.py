"""Reading the queue: jobs in their order, their tasks, and numbers computed from them."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Annotated, Any, NamedTuple, cast

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.queue.job_rows import JobRow, read_rows
from xray_tui.dataset.queue.states import ALIVE, JobState
from xray_tui.dataset.queue.task_rows import (
    FailedTask,
    JobPrompt,
    read_batches,
    read_failed,
    read_prompts,
)
from xray_tui.errors import DatasetError
from xray_tui.tasks import Job
from xray_tui.text import quoted

PAUSED = "paused"
"""Name of the setting that pauses the whole queue."""
PACE_IMAGES = 100
"""The average time per image is computed from this many of the newest images."""


class _JobHead(NamedTuple):
    created: str
    title: str


class _LabelCount(NamedTuple):
    region: Annotated[object, "json_extract(task, '$.region')"]
    label: Annotated[object, "json_extract(task, '$.label')"]
    images: Annotated[int, "count(*)"]


class QueueReader:
    """Reads the jobs in ``database``. Usable from any thread.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def paused(self) -> bool:
        """True if the whole queue is paused; kept across restarts, the same for every process."""
        return bool(
            self._database.read("SELECT 1 FROM settings WHERE name = ? AND value = '1'", (PAUSED,))
        )

    def rows(self, states: tuple[JobState, ...] | None = None) -> list[JobRow]:
        """The jobs in the order they run in; if ``states`` are given, only jobs in one of them."""
        if states is None:
            return read_rows(self._database)
        return read_rows(self._database, f"jobs.state IN ({marks(states)})", *states)

    def ids(self, states: tuple[JobState, ...]) -> list[str]:
        """The ids of the jobs in ``states``, in the order they run in; faster than ``rows``."""
        rest = f"FROM jobs WHERE state IN ({marks(states)}) ORDER BY place, created"
        return self._database.column(str, f"SELECT id {rest}", states)

    def row(self, job_id: str) -> JobRow | None:
        """The job with this id, or None."""
        return next(iter(read_rows(self._database, "id = ?", job_id)), None)

    def load(self, job_id: str) -> Job:
        """The job as it was planned, with all its tasks, finished ones too.

        Raises:
            DatasetError: there is no such job.
        """
        found = self._database.select(_JobHead, "FROM jobs WHERE id = ?", (job_id,))
        if not found:
            raise DatasetError(f"there is no job {quoted(job_id)} in the queue")
        return Job(job_id, found[0].created, found[0].title, read_batches(self._database, job_id))

    def first_queued(self) -> str | None:
        """The id of the first queued job, which is the next to run in any process; or None."""
        return next(iter(self.ids(("queued",))), None)

    def state(self, job_id: str) -> JobState | None:
        """The state of a job, or None; cheap enough to call twice a second."""
        found = self._database.column(
            str, "SELECT state FROM jobs WHERE id = ? AND removed = ''", (job_id,)
        )
        return cast(JobState, found[0]) if found else None

    def errors(self, job_id: str, limit: int) -> list[FailedTask]:
        """The first ``limit`` failed tasks of a job, and why they failed."""
        return read_failed(self._database, job_id, limit)

    def prompts(self, job_id: str, limit: int) -> list[JobPrompt]:
        """The first prompts of a job in the planned order, with the numbers of their tasks."""
        return read_prompts(self._database, job_id, limit)

    def parameters(self, job_id: str) -> list[dict[str, Any]]:
        """The different parameters of a job's tasks, without seed and number of images."""
        found = self._database.column(
            str,
            "SELECT DISTINCT json_remove(json_extract(task, '$.parameters'), '$.seed', '$.count')"
            " FROM tasks WHERE job_id = ? AND json_valid(task)",
            (job_id,),
        )
        return [json.loads(text) for text in found]

    def seconds_per_image(self, job_id: str) -> float | None:
        """The average time per image over a job's newest images; None before the first image."""
        ((seconds,),) = self._database.read(
            "SELECT avg(json_extract(provenance, '$.seconds')) FROM (SELECT provenance FROM records"
            " WHERE job_id = ? AND json_valid(provenance) ORDER BY id DESC LIMIT ?)",
            (job_id, PACE_IMAGES),
        )
        return None if seconds is None else float(seconds)

    def images_to_come(self) -> dict[tuple[str, str], int]:
        """The number of images still to be generated for each region and label, paused or not."""
        counts = self._database.select(
            _LabelCount,
            "FROM tasks JOIN jobs ON jobs.id = job_id"
            f" WHERE jobs.state IN ({marks(ALIVE)}) AND tasks.state = 'queued'"
            " AND json_valid(task) GROUP BY 1, 2",
            ALIVE,
        )
        return {(str(count.region), str(count.label)): count.images for count in counts}


def marks(values: Collection[object]) -> str:
    """One SQL placeholder for each of ``values``, separated by commas."""
    return ",".join("?" * len(values))
