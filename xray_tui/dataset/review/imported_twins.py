"""Withdraws opinions of the reviewer ``imported`` once the reviewers have theirs again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import review_log
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.repair.imported_reviews import IMPORTED


def withdraw_twins(root: Path, database: Database, images: Mapping[int, tuple[str, str]]) -> None:
    """Withdraw each opinion of ``imported`` that agrees with the opinions of the reviewers.

    It agrees if some reviewer has its decision, some its rating and some each of its tags: then it
    was taken from these opinions by way of metadata.jsonl, and would count a second time. As
    reviews.jsonl only grows, an empty opinion replaces it. ``images`` are file and task id by
    record id.

    Raises:
        DatasetError: the reviews cannot be read or written.
    """
    found = {
        number: review
        for number, review in review_rows.read_own(database, IMPORTED, list(images)).items()
        if review.opinion != Opinion() and _agrees(database, number, review.opinion)
    }
    if not found:
        return
    when = review_rows.time_after(database, max(one.reviewed for one in found.values()))
    empty = Review(IMPORTED, Opinion(), when)
    written = review_log.append(root, ((*images[number], empty) for number in found))
    with database.transaction() as connection:
        for number in found:
            review_rows.put(connection, number, empty)
        review_rows.update_verdicts(connection, found)
        review_rows.note_lines(connection, written)


def _agrees(database: Database, number: int, opinion: Opinion) -> bool:
    reviews = review_rows.read_reviews(database, number)
    return _holds([one.opinion for one in reviews if one.reviewer != IMPORTED], opinion)


def _holds(opinions: Sequence[Opinion], imported: Opinion) -> bool:
    decisions = {"undecided", *(one.decision for one in opinions)}
    ratings = {0, *(one.rating for one in opinions)}
    tags = {tag for one in opinions for tag in one.tags}
    return (
        imported.decision in decisions and imported.rating in ratings and tags >= {*imported.tags}
    )
