"""Decisions on images: in the catalog, and as lines of ``reviews.jsonl``, which outlives it.

One line: ``{"file": …, "task_id": …, "decision": …, "reviewer": …, "reviewed": …}``; for each
image the last line counts.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from xray_tui.dataset import layout
from xray_tui.dataset.atomic import append_line, explained
from xray_tui.dataset.catalog import Catalog, Decision, Review
from xray_tui.dataset.catalog_repair import Decided
from xray_tui.dataset.records import Record

_TAIL = 64 * 1024
"""Bytes at the end in which a decision can be that the catalog missed."""


@dataclass(frozen=True)
class BadLine:
    """A line that is no decision, and where it lies."""

    number: int
    """1 for the first."""
    offset: int
    """In bytes."""
    content: bytes
    """Without its line feed."""


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


def read_all(path: Path) -> tuple[dict[str, Decided], list[BadLine]]:
    """The last decision on each task, by task id, and the lines that are none.

    Raises:
        DatasetError: the file cannot be read.
    """
    return _read(path, 0)


def read_latest(path: Path) -> dict[str, Decided]:
    """The decisions at the end of the file, by task id: quick, however long the file is.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path):
        size = path.stat().st_size if path.exists() else 0
    return _read(path, max(0, size - _TAIL))[0]


def current_user() -> str:
    """The name of the user, or their number where the system knows no name, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def _read(path: Path, start: int) -> tuple[dict[str, Decided], list[BadLine]]:
    decisions: dict[str, Decided] = {}
    bad = []
    for number, (offset, line) in enumerate(_lines(path, start), 1):
        if not line.strip():
            continue
        parsed = _parse(line)
        if parsed is None:
            bad.append(BadLine(number, offset, line.rstrip(b"\n")))
        else:
            task_id, decided = parsed
            decisions.pop(task_id, None)
            decisions[task_id] = decided
    return decisions, bad


def _lines(path: Path, start: int) -> Iterator[tuple[int, bytes]]:
    """Offset and content of each line from ``start`` on; a line that begins before is left out."""
    with explained(path):
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(start)
            if start:
                file.readline()
            while True:
                offset = file.tell()
                line = file.readline()
                if not line:
                    return
                yield offset, line


def _parse(line: bytes) -> tuple[str, Decided] | None:
    """Task id and decision; None where the line is none."""
    try:
        content = json.loads(line)
        task_id, decision = content["task_id"], content["decision"]
        reviewer, reviewed = content["reviewer"], content["reviewed"]
        datetime.fromisoformat(reviewed)
        reviewer.encode()
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    if decision not in get_args(Decision) or not isinstance(task_id, str):
        return None
    return task_id, Decided(decision, reviewer, reviewed)
