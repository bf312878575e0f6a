"""``reviews.jsonl``: every opinion ever had, one line each; it outlives the catalog.

One line: ``{"file": …, "task_id": …, "label": …, "decision": …, "rating": …, "tags": […],
"note": …, "reviewer": …, "reviewed": …}``; for each image the latest line of each reviewer counts.
Lines without label, rating, tags and note are those of earlier versions.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset import layout
from xray_tui.dataset.atomic import append_lines, explained
from xray_tui.dataset.opinions import DECISIONS, MAX_RATING, Opinion, Review, tag_problem
from xray_tui.dataset.records import label_of

_TAIL = 64 * 1024
"""Bytes at the end in which an opinion can be that the catalog missed."""

Opinions = Mapping[str, Mapping[str, Review]]
"""The latest review of each reviewer, by task id and reviewer."""


@dataclass(frozen=True)
class BadLine:
    """A line that is no opinion, and where it lies."""

    number: int
    """1 for the first."""
    offset: int
    """In bytes."""
    content: bytes
    """Without its line feed."""


def append(root: Path, reviews: Iterable[tuple[str, str, Review]]) -> None:
    """Add a line for each of ``reviews``: file, task id, review.

    Raises:
        DatasetError: they could not be written.
    """
    append_lines(
        root / layout.REVIEWS, [line(file, task_id, review) for file, task_id, review in reviews]
    )


def line(file: str, task_id: str, review: Review) -> str:
    """The line of a review, without its line feed."""
    return json.dumps(
        {
            "file": file,
            "task_id": task_id,
            "label": label_of(file),
            "decision": review.opinion.decision,
            "rating": review.opinion.rating,
            "tags": list(review.opinion.tags),
            "note": review.opinion.note,
            "reviewer": review.reviewer,
            "reviewed": review.reviewed,
        }
    )


def read_all(path: Path) -> tuple[Opinions, list[BadLine]]:
    """What everyone thinks of each image, and the lines that are no opinion.

    Raises:
        DatasetError: the file cannot be read.
    """
    return _read(path, 0)


def read_latest(path: Path) -> Opinions:
    """The opinions at the end of the file: quick, however long the file is.

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


def _read(path: Path, start: int) -> tuple[Opinions, list[BadLine]]:
    found: dict[str, dict[str, Review]] = {}
    bad = []
    for number, (offset, text) in enumerate(_lines(path, start), 1):
        if not text.strip():
            continue
        parsed = _parse(text)
        if parsed is None:
            bad.append(BadLine(number, offset, text.rstrip(b"\n")))
            continue
        task_id, review = parsed
        of_task = found.setdefault(task_id, {})
        known = of_task.get(review.reviewer)
        if known is None or known.reviewed <= review.reviewed:
            of_task[review.reviewer] = review
    return found, bad


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
                text = file.readline()
                if not text:
                    return
                yield offset, text


def _parse(text: bytes) -> tuple[str, Review] | None:
    """Task id and review; None where the line is none."""
    try:
        content = json.loads(text)
        task_id, reviewer = content["task_id"], content["reviewer"]
        tags = content.get("tags", [])
        opinion = Opinion(
            content["decision"], content.get("rating", 0), tuple(tags), content.get("note", "")
        )
        reviewed = moment(datetime.fromisoformat(content["reviewed"]))
        f"{reviewer}{opinion.note}".encode()
        sound = isinstance(task_id, str) and isinstance(reviewer, str) and isinstance(tags, list)
        if not sound or not _is_sound(opinion):
            return None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return task_id, Review(reviewer, replace(opinion, tags=tuple(sorted(tags))), reviewed)


def moment(when: datetime) -> str:
    """``when`` as reviews have it: ISO 8601 in UTC, to the millisecond, so that texts compare."""
    return when.astimezone(UTC).isoformat("T", "milliseconds")


def _is_sound(opinion: Opinion) -> bool:
    """Whether the values from a line are of the right kinds."""
    rating = opinion.rating
    return (
        opinion.decision in DECISIONS
        and type(rating) is int
        and 0 <= rating <= MAX_RATING
        and isinstance(opinion.note, str)
        and not any(map(tag_problem, opinion.tags))
    )
