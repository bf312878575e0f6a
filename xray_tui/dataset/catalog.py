"""The catalog: jobs, tasks, records and decisions, with one function for each question asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from xray_tui.dataset import layout
from xray_tui.dataset.database import Database
from xray_tui.dataset.encoding import decode_provenance, decode_task, describe, encode
from xray_tui.dataset.records import Provenance, Record
from xray_tui.errors import DatasetError
from xray_tui.tasks import Job, Task

Decision = Literal["accepted", "rejected", "undecided"]

_COLUMNS = "id, task, file, width, height, provenance, job_id"
_CHUNK = 500
"""Values bound, or records read, by one statement."""


@dataclass(frozen=True)
class Counts:
    """Images of one prompt."""

    made: int
    accepted: int


@dataclass(frozen=True)
class Review:
    """The last decision on a record."""

    record_id: int
    decision: Decision
    reviewer: str
    reviewed: str
    """ISO 8601 in UTC."""


class Catalog:
    """The catalog of the dataset in ``root``, made where there is none. Usable from any thread.

    Raises:
        DatasetError: not a catalog, written by a newer xray-tui, or not writable. Every method
            raises it too when the database cannot do what is asked.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._database = Database(root / layout.CATALOG)

    def close(self) -> None:
        """Close the database; the catalog cannot be used afterwards."""
        self._database.close()

    # ---- jobs and tasks --------------------------------------------------------------------------

    def add_job(self, job: Job) -> None:
        """Store ``job`` as queued, with all its tasks, or nothing; a job known already is queued
        again, its tasks as they stand."""
        rows = [
            (job.id, task.id, batch_number, position, encode(task))
            for batch_number, batch in enumerate(job.batches)
            for position, task in enumerate(batch)
        ]
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO jobs (id, created, title, state) VALUES (?, ?, ?, 'queued')"
                " ON CONFLICT (id) DO UPDATE SET state = excluded.state, message = ''",
                (job.id, job.created, _storable(job.title)),
            )
            connection.executemany(
                "INSERT INTO tasks (job_id, task_id, batch, position, task)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                rows,
            )

    def set_job_state(self, job_id: str, state: str, message: str = "") -> None:
        """Note where ``job_id`` stands, and why."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE jobs SET state = ?, message = ? WHERE id = ?",
                (state, _storable(message), job_id),
            )

    def set_task_states(
        self, job_id: str, task_ids: Iterable[str], state: str, error: str = ""
    ) -> None:
        """Note where these tasks of ``job_id`` stand, and why."""
        rows = [(state, _storable(error), job_id, task_id) for task_id in task_ids]
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE tasks SET state = ?, error = ? WHERE job_id = ? AND task_id = ?", rows
            )

    # ---- records ---------------------------------------------------------------------------------

    def add_record(
        self, task: Task, file: str, size: tuple[int, int], provenance: Provenance, job_id: str
    ) -> Record:
        """Store that ``file`` holds ``task``'s image and mark the task done.

        ``file`` is relative to the dataset; ``size`` is width, height in pixels. An earlier record
        of the same task keeps its id and its review, the rest is replaced.
        """
        row = (task.id, job_id, task.prompt_id, file, *size, encode(task), encode(provenance))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO records"
                " (task_id, job_id, prompt_id, file, width, height, task, provenance)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (task_id) DO UPDATE SET job_id = excluded.job_id,"
                " task = excluded.task, provenance = excluded.provenance",
                row,
            )
            connection.execute(
                "UPDATE tasks SET state = 'done', error = '' WHERE job_id = ? AND task_id = ?",
                (job_id, task.id),
            )
            (number,) = connection.execute(
                "SELECT id FROM records WHERE task_id = ?", (task.id,)
            ).fetchone()
        return Record(number, task, file, *size, provenance, job_id)

    def records(self, limit: int = -1, offset: int = 0) -> list[Record]:
        """Records, the latest first; ``limit`` -1 for all."""
        return self._records("ORDER BY id DESC LIMIT ? OFFSET ?", limit, offset)

    def all_records(self) -> Iterator[Record]:
        """Every record, the oldest first, a few in memory at a time."""
        last = 0
        while part := self._records("WHERE id > ? ORDER BY id LIMIT ?", last, _CHUNK):
            yield from part
            last = part[-1].id

    def record(self, record_id: int) -> Record | None:
        """The record with this id."""
        return next(iter(self._records("WHERE id = ?", record_id)), None)

    def record_of(self, task_id: str) -> Record | None:
        """The record of a task's image, whether or not its file is still there."""
        return next(iter(self._records("WHERE task_id = ?", task_id)), None)

    def record_count(self) -> int:
        """Number of records."""
        ((count,),) = self._database.read("SELECT count(*) FROM records")
        return int(count)

    def existing(self, task_ids: Iterable[str]) -> set[str]:
        """Those of ``task_ids`` that have an image: a record, and its file on disk."""
        found: set[str] = set()
        remaining = iter(task_ids)
        while part := list(islice(remaining, _CHUNK)):
            marks = ",".join("?" * len(part))
            rows = self._database.read(
                f"SELECT task_id, file FROM records WHERE task_id IN ({marks})", part
            )
            found.update(task_id for task_id, file in rows if (self._root / file).is_file())
        return found

    def has_image(self, task_id: str) -> bool:
        """Whether the task has an image: a record, and its file on disk."""
        return bool(self.existing([task_id]))

    def counts(self) -> dict[str, Counts]:
        """Images made and accepted, by prompt id; prompts without images are not in it."""
        rows = self._database.read(
            "SELECT prompt_id, count(*), count(CASE decision WHEN 'accepted' THEN 1 END)"
            " FROM records LEFT JOIN reviews ON record_id = id GROUP BY prompt_id"
        )
        return {prompt_id: Counts(made, accepted) for prompt_id, made, accepted in rows}

    # ---- reviews ---------------------------------------------------------------------------------

    def set_review(self, review: Review) -> None:
        """Store the decision on a record in place of the one before."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO reviews (record_id, decision, reviewer, reviewed) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (record_id) DO UPDATE SET decision = excluded.decision,"
                " reviewer = excluded.reviewer, reviewed = excluded.reviewed",
                (review.record_id, review.decision, review.reviewer, review.reviewed),
            )

    def review(self, record_id: int) -> Review | None:
        """The last decision on a record; None where nobody has looked yet."""
        rows = self._database.read(
            "SELECT record_id, decision, reviewer, reviewed FROM reviews WHERE record_id = ?",
            (record_id,),
        )
        return Review(*rows[0]) if rows else None

    # ---- rows to records -------------------------------------------------------------------------

    def _records(self, which: str, *values: object) -> list[Record]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM records {which}", values)
        return [self._record(*row) for row in rows]

    def _record(self, number: int, task: str, file: str, *rest: Any) -> Record:
        width, height, provenance, job_id = rest
        try:
            return Record(
                number,
                decode_task(task),
                file,
                width,
                height,
                decode_provenance(provenance),
                job_id,
            )
        except ValueError as error:
            raise DatasetError(
                f"{self._root / layout.CATALOG}: record {number} is damaged ({describe(error)}); "
                "move the catalog away, the images stay"
            ) from error


def _storable(text: str) -> str:
    """``text`` with halves of surrogate pairs replaced, which SQLite does not take."""
    return text.encode(errors="replace").decode()
