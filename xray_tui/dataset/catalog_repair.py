"""Bringing the catalog back in step with the files: what mending and rebuilding change in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xray_tui.dataset.catalog import Decision
from xray_tui.dataset.database import Database
from xray_tui.dataset.record_rows import store
from xray_tui.dataset.records import Provenance
from xray_tui.tasks import Task

_REOPEN = (
    "UPDATE jobs SET state = 'interrupted', message = 'images are missing', finished = ''"
    " WHERE state = 'done'"
)


@dataclass(frozen=True)
class Decided:
    """A decision, as ``reviews.jsonl`` has it."""

    decision: Decision
    reviewer: str
    reviewed: str


@dataclass(frozen=True)
class Found:
    """An image that is there without a record."""

    file: str
    """Relative to the dataset."""
    task: Task
    provenance: Provenance
    job_id: str


@dataclass(frozen=True)
class Removed:
    """Records that were removed, and how many of their tasks are queued again."""

    records: int
    tasks: int


class CatalogRepair:
    """Records and decisions put back or taken out, many at once.

    Every method raises what :class:`~xray_tui.dataset.database.Database` raises.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, found: Iterable[Found], decisions: Mapping[str, Decided]) -> int:
        """Store records of images that are there already, with the decisions on their tasks.

        Returns the number of decisions among them.
        """
        restored = 0
        with self._database.transaction() as connection:
            for image in found:
                parameters = image.task.parameters
                size = (parameters.width or 0, parameters.height or 0)
                store(connection, image.task, image.file, size, image.provenance, image.job_id)
                decided = decisions.get(image.task.id)
                restored += decided is not None and _restore(connection, image.task.id, decided)
        return restored

    def replace(self, image: Found) -> None:
        """Let the record of a file say what the file says of itself."""
        found = self._database.read("SELECT task_id FROM records WHERE file = ?", (image.file,))
        if found and found[0][0] != image.task.id:
            self.remove([image.file])
        self.adopt([image], {})

    def remove(self, files: Iterable[str]) -> Removed:
        """Remove the records of ``files``, which are gone, and queue their tasks again.

        A job that was done, and now is not, becomes interrupted.
        """
        records = tasks = 0
        reopened: set[str] = set()
        with self._database.transaction() as connection:
            for file in files:
                found = connection.execute(
                    "SELECT id, task_id, job_id FROM records WHERE file = ?", (file,)
                ).fetchone()
                if found is None:
                    continue
                number, task_id, job_id = found
                connection.execute("DELETE FROM reviews WHERE record_id = ?", (number,))
                connection.execute("DELETE FROM records WHERE id = ?", (number,))
                queued = connection.execute(
                    "UPDATE tasks SET state = 'queued'"
                    " WHERE job_id = ? AND task_id = ? AND state = 'done'",
                    (job_id, task_id),
                ).rowcount
                records += 1
                tasks += queued
                if queued:
                    reopened.add(job_id)
            for job_id in reopened:
                connection.execute(f"{_REOPEN} AND id = ?", (job_id,))
        return Removed(records, tasks)

    def settle_tasks(self) -> None:
        """Call the tasks that have a record done, and queue those that were done without one.

        A job that was done, and now is not, becomes interrupted.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE tasks SET state = 'done', error = '' WHERE state != 'done'"
                " AND task_id IN (SELECT task_id FROM records)"
            )
            connection.execute(
                "UPDATE tasks SET state = 'queued' WHERE state = 'done'"
                " AND task_id NOT IN (SELECT task_id FROM records)"
            )
            connection.execute(
                f"{_REOPEN} AND id IN (SELECT job_id FROM tasks WHERE state = 'queued')"
            )

    def restore(self, decisions: Mapping[str, Decided]) -> int:
        """Store those of ``decisions``, by task id, that are later than what is known.

        Returns their number.
        """
        with self._database.transaction() as connection:
            return sum(_restore(connection, *item) for item in decisions.items())

    def outdated(self, decisions: Mapping[str, Decided]) -> list[str]:
        """The task ids of those ``decisions`` on records that are later than what is known."""
        found = []
        for task_id, decided in decisions.items():
            known = self._database.read(
                "SELECT ifnull(reviewed, '') FROM records LEFT JOIN reviews ON record_id = id"
                " WHERE task_id = ?",
                (task_id,),
                (str,),
            )
            if known and known[0][0] < decided.reviewed:
                found.append(task_id)
        return found


def _restore(connection: sqlite3.Connection, task_id: str, decided: Decided) -> bool:
    """Store a decision if it is later than the one known, or none is; returns whether it was."""
    return bool(
        connection.execute(
            "INSERT INTO reviews (record_id, decision, reviewer, reviewed)"
            " SELECT id, ?, ?, ? FROM records WHERE task_id = ?"
            " ON CONFLICT (record_id) DO UPDATE SET decision = excluded.decision,"
            " reviewer = excluded.reviewer, reviewed = excluded.reviewed"
            " WHERE excluded.reviewed > reviews.reviewed",
            (decided.decision, decided.reviewer, decided.reviewed, task_id),
        ).rowcount
    )
