"""Reviews of images that are not there: made again, an image is the same and has them at once.

They wait in the catalog: to look through reviews.jsonl for each image that is made takes too long.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from xray_tui.dataset.catalog.review_rows import put_later
from xray_tui.dataset.files.review_log import parse
from xray_tui.dataset.opinions import Review


def keep(connection: sqlite3.Connection, task_id: str, reviews: Iterable[Review]) -> None:
    """Let ``reviews`` wait for a task's image, of each reviewer the latest.

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


def give_back(connection: sqlite3.Connection, task_id: str, record_id: int) -> None:
    """Let the record of a task's image have what waits for it; ``connection`` is in a transaction.

    Cheap where nothing waits.
    """
    if found := _read(connection, task_id):
        put_later(connection, record_id, found)
        connection.execute("DELETE FROM settings WHERE name = ?", (_name(task_id),))


def _read(connection: sqlite3.Connection, task_id: str) -> list[Review]:
    rows = connection.execute("SELECT value FROM settings WHERE name = ?", (_name(task_id),))
    lines = (parse(line.encode()) for (text,) in rows for line in str(text).split("\n"))
    return [good.review for good in lines if good]  # reviews.jsonl has what is damaged here


def _line(task_id: str, review: Review) -> str:
    """As in reviews.jsonl, without what is known of an image that is there."""
    whose = {"task_id": task_id, "reviewer": review.reviewer, "reviewed": review.reviewed}
    return json.dumps(whose | vars(review.opinion))


def _name(task_id: str) -> str:
    return f"reviews of {task_id}"
