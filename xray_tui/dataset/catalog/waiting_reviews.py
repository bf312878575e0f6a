"""Reviews of images that do not exist (yet): restored when the same image is generated again.

They wait in the catalog, as searching reviews.jsonl for each new image would take too long.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import put_newer
from xray_tui.dataset.files.review_log import parse
from xray_tui.dataset.opinions import Review

_NAME = "reviews of "
"""How the names of the settings that hold waiting reviews begin."""


def keep(connection: sqlite3.Connection, task_id: str, reviews: Iterable[Review]) -> None:
    """Keep ``reviews`` for a task's image, the latest of each reviewer.

    ``connection`` is in a transaction.
    """
    waiting = {review.reviewer: review for review in _read(connection, task_id)}
    for review in reviews:
        known = waiting.get(review.reviewer)
        if known is None or known.reviewed < review.reviewed:
            waiting[review.reviewer] = review
    if waiting:
        text = "\n".join(_line(task_id, review) for review in waiting.values())
        connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (_name(task_id), text))


def restore(connection: sqlite3.Connection, task_id: str, record_id: int) -> None:
    """Move the waiting reviews to the record of a task's image; fast if there are none.

    ``connection`` is in a transaction.
    """
    if found := _read(connection, task_id):
        put_newer(connection, record_id, found)
        connection.execute("DELETE FROM settings WHERE name = ?", (_name(task_id),))


def read_all(database: Database) -> list[tuple[str, Review]]:
    """Every waiting review, with the task id of its image.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    found = database.column(
        str, "SELECT value FROM settings WHERE substr(name, 1, ?) = ?", (len(_NAME), _NAME)
    )
    lines = (parse(line.encode()) for text in found for line in text.split("\n"))
    return [(good.task_id, good.review) for good in lines if good]


def _read(connection: sqlite3.Connection, task_id: str) -> list[Review]:
    rows = connection.execute("SELECT value FROM settings WHERE name = ?", (_name(task_id),))
    lines = (parse(line.encode()) for (text,) in rows for line in str(text).split("\n"))
    return [good.review for good in lines if good]  # damaged lines are still in reviews.jsonl


def _line(task_id: str, review: Review) -> str:
    """A line as in reviews.jsonl, without file and label: there is no image yet."""
    origin = {"task_id": task_id, "reviewer": review.reviewer, "reviewed": review.reviewed}
    given = {"given": review.given, "rated": review.rating_given}
    return json.dumps(origin | vars(review.opinion) | given)


def _name(task_id: str) -> str:
    return f"{_NAME}{task_id}"
