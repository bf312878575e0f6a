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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import append_lines, explained
from xray_tui.dataset.opinions import (
    DECISIONS,
    LONGEST_NOTE,
    MAX_RATING,
    Opinion,
    Review,
)
from xray_tui.dataset.records import label_of
from xray_tui.names import reviewer_name_problem, tag_problem

_TAIL = 64 * 1024
"""Bytes at the end in which an opinion can be that the catalog missed."""
_LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no opinion, and is not held in memory."""
_TOO_LATE = "9000"
"""No review is from then or later: there would be no time left for a later one."""

Opinions = Mapping[str, Mapping[str, Review]]
"""The latest review of each reviewer, by task id and reviewer."""


@dataclass(frozen=True)
class GoodLine:
    """A line that is an opinion."""

    task_id: str
    label: str
    """The label the image had; empty where the line does not say."""
    review: Review


@dataclass(frozen=True)
class BadLine:
    """A line that is no opinion, and where it lies."""

    number: int
    """1 for the first."""
    offset: int
    """In bytes."""
    length: int
    """In bytes, without its line feed."""


def append(root: Path, reviews: Iterable[tuple[str, str, Review]]) -> range:
    """Add a line for each of ``reviews``: file, task id, review; returns the bytes that are new.

    Raises:
        DatasetError: they could not be written.
    """
    return append_lines(
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


def read_latest(path: Path, seen: int) -> tuple[Opinions, int]:
    """The opinions at the end of the file, from byte ``seen`` on at least, and its size.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path):
        size = path.stat().st_size if path.exists() else 0
    start = min(seen, max(0, size - _TAIL))
    return _read(path, max(0, start - 1))[0], size  # the line feed before is passed over


def current_user() -> str:
    """The name of the user, or their number where the system knows no name, as in containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def read_lines(path: Path, start: int = 0) -> Iterator[GoodLine | BadLine]:
    """Each line from byte ``start`` on that is not empty; one that begins before is left out.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path), path.open("rb") as file:
        offset = start
        if start:  # what cannot be sought in, such as a pipe, is read from its beginning
            file.seek(start)
            offset += len(file.readline())
        for number, (length, text, ended) in enumerate(_pieces(file), 1):
            if text.strip():
                good = parse(text) if length <= _LONGEST_LINE else None
                yield good or BadLine(number, offset, length - ended)
            offset += length


def parse(text: bytes) -> GoodLine | None:
    """What a line says; None where it is no opinion that a reviewer here could have."""
    try:
        content = json.loads(text)
        tags = content.get("tags", [])
        opinion = Opinion(
            content["decision"],
            content.get("rating", 0),
            tuple(sorted(set(tags))),
            content.get("note", ""),
        )
        when = datetime.fromisoformat(content["reviewed"])
        reviewed = timestamp(when if when.tzinfo else when.replace(tzinfo=UTC))
        good = GoodLine(
            content["task_id"],
            content.get("label", ""),
            Review(content["reviewer"], opinion, reviewed),
        )
        sound = isinstance(tags, list) and reviewed < _TOO_LATE and _is_sound(good)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return good if sound else None


def timestamp(when: datetime) -> str:
    """``when`` as reviews have it: ISO 8601 in UTC, to the millisecond, so that texts compare."""
    return when.astimezone(UTC).isoformat("T", "milliseconds")


def _read(path: Path, start: int) -> tuple[Opinions, list[BadLine]]:
    found: dict[str, dict[str, Review]] = {}
    bad: list[BadLine] = []
    with explained(path):
        if not path.exists():
            return found, bad
    for line in read_lines(path, start):
        if isinstance(line, BadLine):
            bad.append(line)
            continue
        of_task = found.setdefault(line.task_id, {})
        known = of_task.get(line.review.reviewer)
        if known is None or known.reviewed <= line.review.reviewed:
            of_task[line.review.reviewer] = line.review
    return found, bad


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """The length of each line, its beginning, and whether it has a line feed.

    The beginning is all of it, unless it is too long.
    """
    while begin := file.readline(_LONGEST_LINE):
        length, end = len(begin), begin
        while not end.endswith(b"\n") and (end := file.readline(_LONGEST_LINE)):
            length += len(end)
        yield length, begin, end.endswith(b"\n")


def _is_sound(line: GoodLine) -> bool:
    """Whether the values from a line are of the right kinds and within their limits.

    Raises:
        ValueError: a text has half of a surrogate pair.
    """
    opinion = line.review.opinion
    texts = (line.task_id, line.label, line.review.reviewer, opinion.note)
    for text in texts:
        if not isinstance(text, str):
            return False
        text.encode()
    return (
        opinion.decision in DECISIONS
        and type(opinion.rating) is int
        and 0 <= opinion.rating <= MAX_RATING
        and not any(map(tag_problem, opinion.tags))
        and len(opinion.note) <= LONGEST_NOTE
        and not reviewer_name_problem(line.review.reviewer)
    )
