"""Reading the jobs of the queue from the catalog, without their tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.queue.states import JobState


def _request(stored: object) -> dict[str, Any]:
    """A stored request; empty if it cannot be read, because it is only a convenience."""
    if not isinstance(stored, str):
        return {}
    try:
        content = json.loads(stored)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


@dataclass(frozen=True)
class JobRow:
    """A job in the queue. Times are ISO 8601 in UTC."""

    id: str
    created: str
    title: str
    state: Annotated[JobState, "jobs.state"]
    message: str
    """Why the job failed or was interrupted."""
    place: int
    """Jobs run in the order of their places."""
    total: Annotated[int, "count(job_id)"]
    """Number of tasks; some are ``done``, some ``failed``, the rest is queued."""
    done: Annotated[int, "count(CASE tasks.state WHEN 'done' THEN 1 END)"]
    failed: Annotated[int, "count(CASE tasks.state WHEN 'failed' THEN 1 END)"]
    seconds: float
    """Time spent working on it, over all its runs."""
    request: Annotated[Mapping[str, Any], "request", _request]
    """The user's request, for a copy of the job."""
    batch_limit: int
    """The largest batch that fits into the device's memory; 0 for no limit."""
    started: str
    """When it first ran; empty before that."""
    finished: str
    """When it ended; empty until then."""


def read_rows(database: Database, condition: str = "true", *values: object) -> list[JobRow]:
    """The jobs that fulfil ``condition``, an SQL expression, in their order.

    Jobs that were removed from the queue are left out.

    Raises:
        CatalogDamagedError: the catalog cannot be read.
    """
    rest = f"FROM jobs LEFT JOIN tasks ON job_id = id WHERE {condition} AND removed = ''"
    return database.select(JobRow, f"{rest} GROUP BY id ORDER BY place, created", values)
