"""Changes and stores one reviewer's opinions of the images."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import review_log
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.review.steps import NEVER, Change, Given


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
            Change.of(number, before, given, after)
            for number, (before, given) in self._read(list(wanted)).items()
            if (after := wanted[number](before)) != before
        )

    def applied(self, steps: Sequence[Change]) -> tuple[Change, ...]:
        """The changes that ``steps``, undone or redone, make to current opinions."""
        current = self._read([step.record_id for step in steps])
        found = (
            step.applied_to(*current[step.record_id]) for step in steps if step.record_id in current
        )
        return tuple(change for change in found if change.after != change.before)

    def unchanged(self, record_ids: Sequence[int]) -> list[Change]:
        """The current opinions as changes, which store them again together with a new label."""
        return [
            Change(number, opinion, opinion, given, given)
            for number, (opinion, given) in self._read(record_ids).items()
        ]

    def store(
        self, connection: sqlite3.Connection, changes: Sequence[Change]
    ) -> tuple[Change, ...]:
        """Write reviews.jsonl first, which takes precedence, and then the catalog.

        A new decision or rating is given now. One that is stored again, by undo, redo, with a new
        label or a new note, keeps the time at which it was given: otherwise it would count as later
        than those that others have given since, and could change the dataset's decision. Returns
        the changes with these times.
        """
        numbers = [change.record_id for change in changes]
        own = review_rows.read_own(self._database, self._reviewer, numbers)
        latest = max((review.reviewed for review in own.values()), default="")
        when = review_rows.time_after(self._database, latest)
        places = self._catalog.places(numbers)
        found = [
            (change.record_id, _review(self._reviewer, change, when))
            for change in changes
            if change.record_id in places
        ]
        lines = ((*places[number], review) for number, review in found)
        written = review_log.append(self._root, lines)
        for number, review in found:
            review_rows.put(connection, number, review)
        review_rows.update_verdicts(connection, [number for number, _ in found])
        review_rows.note_lines(connection, written)
        return tuple(change.stored(when) for change in changes)

    def _read(self, record_ids: Sequence[int]) -> dict[int, tuple[Opinion, Given]]:
        """The opinion of each record that exists, and when it was given."""
        places = self._catalog.places(record_ids)
        own = review_rows.read_own(self._database, self._reviewer, record_ids)
        return {number: _with_time(own.get(number)) for number in record_ids if number in places}


def _with_time(review: Review | None) -> tuple[Opinion, Given]:
    """The opinion and when it was given; an empty opinion has no time."""
    if review is None or review.opinion == Opinion():
        return Opinion(), NEVER
    return review.opinion, Given(review.given, review.rating_given if review.opinion.rating else "")


def _review(reviewer: str, change: Change, when: str) -> Review:
    """The review to store at ``when``, in which equal times are left out."""
    given = change.given_after
    rated = given.rating or when if change.after.rating else ""
    differs = rated != (given.decision or when)
    return Review(reviewer, change.after, when, given.decision, rated if differs else "")
