"""Changes and stores one reviewer's opinions of the images."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import review_log
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.review.history import Change


class ReviewerOpinions:
    """The opinions of ``reviewer``.

    The caller holds a transaction during each call, because the same reviewer may also work at
    another terminal.
    """

    def __init__(self, root: Path, database: Database, catalog: Catalog, reviewer: str) -> None:
        self._root = root
        self._database = database
        self._catalog = catalog
        self._reviewer = reviewer

    def changes(self, wanted: Mapping[int, Callable[[Opinion], Opinion]]) -> tuple[Change, ...]:
        """The changes that ``wanted``, a function for each record id, makes to current opinions."""
        return tuple(
            Change(number, before, after)
            for number, before in self._read(list(wanted)).items()
            if (after := wanted[number](before)) != before
        )

    def unchanged(self, record_ids: Sequence[int]) -> list[Change]:
        """The current opinions as changes, which store them again together with a new label."""
        opinions = self._read(record_ids)
        return [Change(number, opinion, opinion) for number, opinion in opinions.items()]

    def store(self, connection: sqlite3.Connection, changes: Sequence[Change]) -> None:
        """Write reviews.jsonl first, which takes precedence, and then the catalog."""
        numbers = [change.record_id for change in changes]
        when = self._now(numbers)
        places = self._catalog.places(numbers)
        found = [
            (change.record_id, Review(self._reviewer, change.after, when))
            for change in changes
            if change.record_id in places
        ]
        lines = ((*places[number], review) for number, review in found)
        written = review_log.append(self._root, lines)
        for number, review in found:
            review_rows.put(connection, number, review)
        review_rows.update_verdicts(connection, [number for number, _ in found])
        review_rows.note_lines(connection, written)

    def _read(self, record_ids: Sequence[int]) -> dict[int, Opinion]:
        """The opinion of each record that exists."""
        places = self._catalog.places(record_ids)
        own = review_rows.read_own(self._database, self._reviewer, record_ids)
        return {
            number: own[number].opinion if number in own else Opinion()
            for number in record_ids
            if number in places
        }

    def _now(self, record_ids: Sequence[int]) -> str:
        """The time, always after this reviewer's last opinion: a clock may have been set back."""
        own = review_rows.read_own(self._database, self._reviewer, record_ids)
        now = datetime.now(UTC)
        latest = max((review.reviewed for review in own.values()), default="")
        if latest >= review_log.timestamp(now):
            now = review_rows.time_of(self._database, latest) + timedelta(milliseconds=1)
        return review_log.timestamp(now)
