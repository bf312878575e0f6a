"""What the queue shows of a job: one row, without its tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.queue.states import JobState

_ROWS = """
SELECT id, created, title, jobs.state, message, place, count(job_id),
    count(CASE tasks.state WHEN 'done' THEN 1 END),
    count(CASE tasks.state WHEN 'failed' THEN 1 END),
    seconds, request, batch_limit, started, finished
FROM jobs LEFT JOIN tasks ON job_id = id
"""
_IN_ORDER = " GROUP BY id ORDER BY place, created"
_REQUEST = 10
_KINDS = (str, str, str, str, str, int, int, int, int, float, object, int, str, str)


@dataclass(frozen=True)
class JobRow:
    """What the queue knows of a job, without its tasks."""

    id: str
    created: str
    """ISO 8601 in UTC, as ``started`` and ``finished``."""
    title: str
    state: JobState
    message: str
    place: int
    """Jobs run in this order."""
    total: int
    """Number of tasks."""
    done: int
    failed: int
    seconds: float
    """Time worked on it."""
    request: Mapping[str, Any]
    """What was asked for, to ask it again."""
    batch_limit: int
    """At most so many images at once; 0 for no limit."""
    started: str
    """When it first ran; empty before."""
    finished: str
    """When it ended; empty until then."""


def read_rows(database: Database, which: str = "", *values: object) -> list[JobRow]:
    """The rows of the jobs that the condition ``which`` (``WHERE …``) picks, in their order.

    Raises:
        CatalogDamagedError: the catalog cannot be read.
    """
    found = database.read(_ROWS + which + _IN_ORDER, values, _KINDS)
    return [_row(*values) for values in found]


def _row(*values: Any) -> JobRow:
    return replace(JobRow(*values), request=_request(values[_REQUEST]))


def _request(text: str) -> dict[str, Any]:
    """What was asked for; nothing where it cannot be read any more: it is only a convenience."""
    try:
        content = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
