"""``reviews.jsonl``: every opinion ever given, one per line; it survives the loss of the catalog.

One line: ``{"file": …, "task_id": …, "label": …, "decision": …, "rating": …, "tags": […],
"note": …, "reviewer": …, "reviewed": …}``. For each image the latest line of each reviewer counts.
Where a decision is stored again, by undo or with a note for example, ``"given"`` is the time it
had: this time is compared with other reviewers', ``reviewed`` with the same reviewer's other lines,
so that files can be merged and read in any order. ``"rated"`` is that of the rating, if another.
Lines written by earlier versions have no label, rating, tags and note.
"""

from __future__ import annotations

import json
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
from xray_tui.environment import user_names
from xray_tui.names import reviewer_name_problem, tag_problem

_TAIL = 64 * 1024
"""Bytes at the end of the file that may hold opinions missing from the catalog."""
_LONGEST_LINE = 1 << 20
"""Bytes; a longer line is not an opinion, and is not kept in memory."""
_TOO_LATE = "9000"
"""Reviews dated this year or later are invalid: there would be no room for a later one."""

Opinions = Mapping[str, Mapping[str, Review]]
"""Latest reviews by task id, then by reviewer."""


@dataclass(frozen=True)
class GoodLine:
    """A line that holds a valid opinion."""

    task_id: str
    label: str
    """The label the image had; empty if the line does not say."""
    review: Review


@dataclass(frozen=True)
class BadLine:
    """A line that does not hold a valid opinion, and where it is."""

    number: int
    """Counted from 1."""
    offset: int
    """In bytes."""
    length: int
    """In bytes, without the line feed."""


def append(root: Path, reviews: Iterable[tuple[str, str, Review]]) -> range:
    """Append ``reviews`` (file, task id, review); returns the byte range that was appended.

    Raises:
        DatasetError: the reviews could not be written.
    """
    if layout.is_missing(root / layout.PRIVATE):
        raise layout.gone(root)
    return append_lines(
        root / layout.REVIEWS, [line(file, task_id, review) for file, task_id, review in reviews]
    )


def line(file: str, task_id: str, review: Review) -> str:
    """A review as a line of the file, without the line feed; ``file`` may be empty if unknown."""
    content = {
        "file": file,
        "task_id": task_id,
        "label": label_of(file) if file else "",
        "decision": review.opinion.decision,
        "rating": review.opinion.rating,
        "tags": list(review.opinion.tags),
        "note": review.opinion.note,
        "reviewer": review.reviewer,
        "reviewed": review.reviewed,
    }
    times = {"given": review.earlier, "rated": review.rated}
    return json.dumps(content | {name: time for name, time in times.items() if time})


def read_all(path: Path) -> tuple[Opinions, list[BadLine]]:
    """The latest opinions on each image, and the invalid lines.

    Raises:
        DatasetError: the file cannot be read.
    """
    return _read(path, 0)


def read_latest(path: Path, seen: int) -> tuple[Opinions, int]:
    """The opinions at the end of the file, at least those after byte ``seen``, and the file size.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path):
        size = path.stat().st_size if path.exists() else 0
    start = min(seen, max(0, size - _TAIL))
    return _read(path, max(0, start - 1))[0], size  # starts at the preceding line feed


def current_user() -> str:
    """The user's name, or ``user 1000`` where the system knows no usable one, as in containers."""
    return next(name for name in user_names() if not reviewer_name_problem(name))


def read_lines(path: Path, start: int = 0) -> Iterator[GoodLine | BadLine]:
    """Each non-empty line that begins after byte ``start``.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path), path.open("rb") as file:
        offset = start
        if start:  # a pipe cannot seek: it is read from its beginning
            file.seek(start)
            offset += len(file.readline())
        for number, (length, text, ended) in enumerate(_pieces(file), 1):
            if text.strip():
                good = parse(text) if length <= _LONGEST_LINE else None
                yield good or BadLine(number, offset, length - ended)
            offset += length


def parse(text: bytes) -> GoodLine | None:
    """The opinion in a line; None if this version could not have written the line."""
    try:
        content = json.loads(text)
        tags = content.get("tags", [])
        opinion = Opinion(
            content["decision"],
            content.get("rating", 0),
            tuple(sorted(set(tags))),
            content.get("note", ""),
        )
        reviewed = _time(content["reviewed"])
        given = _time(content.get("given", content["reviewed"]))
        earlier = given if given < reviewed else ""
        rated = min(_time(content.get("rated", given)), reviewed)
        good = GoodLine(
            content["task_id"],
            content.get("label", ""),
            Review(
                content["reviewer"],
                opinion,
                reviewed,
                earlier,
                rated if rated != (earlier or reviewed) else "",
            ),
        )
        valid = isinstance(tags, list) and reviewed < _TOO_LATE and _is_valid(good)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return good if valid else None


def timestamp(when: datetime) -> str:
    """``when`` as reviews store it: UTC in ISO 8601 to the millisecond; such text sorts by time."""
    return when.astimezone(UTC).isoformat("T", "milliseconds")


def _time(text: str) -> str:
    """A time in a line as this version would write it.

    Raises:
        ValueError, TypeError, OverflowError: it is not a time.
    """
    when = datetime.fromisoformat(text)
    return timestamp(when if when.tzinfo else when.replace(tzinfo=UTC))


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
    """Each line's length, its text, and whether it ends with a line feed.

    The text of a line that is too long is cut.
    """
    while begin := file.readline(_LONGEST_LINE):
        length, end = len(begin), begin
        while not end.endswith(b"\n") and (end := file.readline(_LONGEST_LINE)):
            length += len(end)
        yield length, begin, end.endswith(b"\n")


def _is_valid(line: GoodLine) -> bool:
    """Whether the values in a line have the right types and are within their limits.

    Raises:
        ValueError: a text has an unpaired surrogate.
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
