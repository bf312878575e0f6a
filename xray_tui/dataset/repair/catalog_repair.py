"""Brings the catalog back in step with the files, for mending and rebuilding."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from xray_tui.dataset.catalog import waiting_reviews
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.record_rows import store
from xray_tui.dataset.catalog.review_rows import put_newer, read_reviews
from xray_tui.dataset.files.review_log import Opinions
from xray_tui.dataset.opinions import Review
from xray_tui.dataset.queue.states import change_state
from xray_tui.dataset.records import NewRecord

_MADE = "SELECT task_id FROM records UNION SELECT task_id FROM purged"
"""Tasks whose images exist, or were purged."""


@dataclass(frozen=True)
class Removed:
    """Number of removed records, and of their tasks that were queued again."""

    records: int = 0
    tasks: int = 0
    interrupted: frozenset[str] = frozenset()
    """Those of their jobs that are interrupted now: somebody has to resume them."""

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            self.records + other.records,
            self.tasks + other.tasks,
            self.interrupted | other.interrupted,
        )


class CatalogRepair:
    """Adds and removes records and opinions, many at once.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def adopt(self, found: Iterable[NewRecord], opinions: Opinions) -> int:
        """Record images that already exist, with the opinions on them.

        Returns the number of opinions stored.
        """
        restored = 0
        with self._database.transaction() as connection:
            for image in found:
                number = store(connection, image)
                reviews = opinions.get(image.task.id, {}).values()
                restored += put_newer(connection, number, reviews)
        return restored

    def replace(self, image: NewRecord) -> None:
        """Replace the record of a file with the provenance in the file."""
        found = self._database.column(
            str, "SELECT task_id FROM records WHERE file = ?", (image.file,)
        )
        if found and found[0] != image.task.id:
            self.remove([image.file])
        self.adopt([image], {})

    def remove(self, files: Iterable[str]) -> Removed:
        """Remove the records of missing ``files``, and queue their tasks again.

        Their reviews are kept until the images are generated again. A job that was done and now has
        tasks left becomes interrupted.
        """
        records = tasks = 0
        jobs: set[str] = set()
        with self._database.transaction() as connection:
            for file in files:
                found = connection.execute(
                    "SELECT id, task_id, job_id FROM records WHERE file = ?", (file,)
                ).fetchone()
                if found is None:
                    continue
                number, task_id, job_id = found
                waiting_reviews.keep(connection, task_id, read_reviews(self._database, number))
                connection.execute("DELETE FROM records WHERE id = ?", (number,))
                queued = connection.execute(
                    "UPDATE tasks SET state = 'queued'"
                    " WHERE job_id = ? AND task_id = ? AND state = 'done'",
                    (job_id, task_id),
                ).rowcount
                records += 1
                if queued and _is_listed(connection, job_id):
                    tasks += queued
                    jobs.add(job_id)
            for job_id in jobs:
                _reopen(connection, job_id)
            interrupted = frozenset(filter(partial(_is_interrupted, connection), jobs))
        return Removed(records, tasks, interrupted)

    def match_tasks_to_records(self) -> None:
        """Set tasks that have an image to done, and queue done tasks without one again.

        An image that was purged counts as well.

        A job that was done and now has tasks left becomes interrupted.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE tasks SET state = 'done', error = '' WHERE state != 'done'"
                f" AND task_id IN ({_MADE})"
            )
            connection.execute(
                "UPDATE tasks SET state = 'queued' WHERE state = 'done'"
                f" AND task_id NOT IN ({_MADE})"
            )
            incomplete = connection.execute(
                "SELECT id FROM jobs WHERE state = 'done'"
                " AND id IN (SELECT job_id FROM tasks WHERE state = 'queued')"
            ).fetchall()
            for (job_id,) in incomplete:
                _reopen(connection, job_id)

    def restore(self, opinions: Opinions) -> int:
        """Store the ``opinions`` that are newer than the known ones; returns their number."""
        restored = 0
        with self._database.transaction() as connection:
            for task_id, reviews in opinions.items():
                found = connection.execute("SELECT id FROM records WHERE task_id = ?", (task_id,))
                for (number,) in found.fetchall():
                    restored += put_newer(connection, number, reviews.values())
        return restored

    def keep(self, opinions: Opinions) -> None:
        """Keep the ``opinions`` on missing images until these images exist."""
        with self._database.transaction() as connection:
            for task_id, reviews in opinions.items():
                found = connection.execute("SELECT 1 FROM records WHERE task_id = ?", (task_id,))
                if found.fetchone() is None:
                    waiting_reviews.keep(connection, task_id, reviews.values())

    def outdated(self, opinions: Opinions) -> list[str]:
        """Task ids of records for which one of ``opinions`` is newer than the known ones."""
        return [
            task_id
            for task_id, reviews in opinions.items()
            if any(self._is_later(task_id, review) for review in reviews.values())
        ]

    def _is_later(self, task_id: str, review: Review) -> bool:
        known = self._database.column(
            str,
            "SELECT ifnull(reviewed, '') FROM records"
            " LEFT JOIN reviews ON record_id = id AND reviewer = ? WHERE task_id = ?",
            (review.reviewer, task_id),
        )
        return bool(known) and known[0] < review.reviewed


def _is_listed(connection: sqlite3.Connection, job_id: str) -> bool:
    """Whether a job is in the queue: a removed job generates nothing."""
    found = connection.execute("SELECT 1 FROM jobs WHERE id = ? AND removed = ''", (job_id,))
    return found.fetchone() is not None


def _is_interrupted(connection: sqlite3.Connection, job_id: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM jobs WHERE id = ? AND state = 'interrupted'", (job_id,)
    )
    return found.fetchone() is not None


def _reopen(connection: sqlite3.Connection, job_id: str) -> None:
    """Mark a done job that now lacks images as interrupted, so that it can be resumed."""
    change_state(
        connection, job_id, "interrupted", only_from=("done",), message="images are missing"
    )
