"""Reviews of a dataset whose hidden folder was lost: its decisions are still in metadata.jsonl.

That file does not say who decided, so they become those of a reviewer called ``imported``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.files import layout, metadata, review_log
from xray_tui.dataset.files.atomic import explained, write_new
from xray_tui.dataset.opinions import DECISIONS, MAX_RATING, Opinion, Review
from xray_tui.names import tag_problem

IMPORTED = "imported"
"""The reviewer who has the decisions of metadata.jsonl."""


def import_reviews(root: Path, catalog: Catalog) -> int:
    """Write reviews.jsonl from metadata.jsonl, if nothing else holds reviews.

    The caller holds the generator lock, and stores the lines in the catalog. Returns their number.

    Raises:
        DatasetError: a file cannot be read or written.
    """
    path = root / layout.REVIEWS
    if path.exists() or catalog.has_reviews():
        return 0
    opinions = dict(_opinions(root / layout.METADATA))
    if not opinions:
        return 0
    when = review_log.timestamp(datetime.now(UTC))
    lines = [
        f"{review_log.line(file, task_id, Review(IMPORTED, opinions[file], when))}\n".encode()
        for file, task_id in catalog.task_ids()
        if file in opinions
    ]
    return len(lines) if lines and write_new(path, lines) else 0


def _opinions(path: Path) -> Iterator[tuple[str, Opinion]]:
    """The opinion on each file that has one."""
    with explained(path):
        if not path.is_file():
            return
        with path.open("rb") as lines:
            for line in lines:
                if not metadata.is_undecided(line):
                    yield from _opinion(line)


def _opinion(line: bytes) -> Iterator[tuple[str, Opinion]]:
    """The file and the opinion of a row; nothing if it has none that is valid."""
    try:
        row: dict[str, Any] = json.loads(line)
        file, decision, rating = row["file_name"], row["decision"], row["rating"]
        tags = json.loads(row["tags"])
        valid = (
            isinstance(file, str)
            and decision in DECISIONS
            and type(rating) is int
            and 0 <= rating <= MAX_RATING
            and not any(map(tag_problem, tags))
        )
    except (ValueError, LookupError, TypeError, RecursionError, AttributeError):
        return
    opinion = Opinion(decision, rating, tuple(sorted(set(tags))))
    if valid and opinion != Opinion():
        yield file, opinion
