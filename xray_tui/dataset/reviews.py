"""Decisions on images: in the catalog, and as lines of ``reviews.jsonl``, which outlives it.

One line: ``{"file": …, "task_id": …, "decision": …, "reviewer": …, "reviewed": …}``; for each
image the last line counts.
"""

from __future__ import annotations

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset import layout
from xray_tui.dataset.atomic import append_line
from xray_tui.dataset.catalog import Catalog, Decision, Review
from xray_tui.dataset.records import Record


def decide(
    root: Path, catalog: Catalog, record: Record, decision: Decision, reviewer: str
) -> Review:
    """Store a decision: first the line, which is what counts, then the catalog.

    Raises:
        DatasetError: it could not be written.
    """
    review = Review(record.id, decision, reviewer, datetime.now(UTC).isoformat("T", "milliseconds"))
    line = {
        "file": record.file,
        "task_id": record.task.id,
        "decision": review.decision,
        "reviewer": review.reviewer,
        "reviewed": review.reviewed,
    }
    append_line(root / layout.REVIEWS, json.dumps(line))
    catalog.set_review(review)
    return review


def current_user() -> str:
    """The name of the user, or their number where the system knows no name, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"
