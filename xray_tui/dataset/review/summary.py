"""Who has reviewed how much, and how far reviewers agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from xray_tui.dataset.blind.statistics import Agreement, agreement
from xray_tui.dataset.catalog.database import Database


@dataclass(frozen=True)
class ReviewerCounts:
    """What one reviewer has done."""

    reviewer: str
    decided: int
    """Images accepted or rejected."""
    accepted: int
    rejected: int
    last: str
    """When they changed something last: ISO 8601 in UTC."""


@dataclass(frozen=True)
class PairAgreement:
    """How far two reviewers agree on the images both have accepted or rejected."""

    first: str
    second: str
    agreement: Agreement


def reviewer_counts(database: Database) -> list[ReviewerCounts]:
    """Everyone who has reviewed anything, by name.

    Raises:
        DatasetError: as every use of the database.
    """
    rows = database.read(
        "SELECT reviewer, count(CASE WHEN decision != 'undecided' THEN 1 END),"
        " count(CASE decision WHEN 'accepted' THEN 1 END),"
        " count(CASE decision WHEN 'rejected' THEN 1 END), max(reviewed)"
        " FROM reviews GROUP BY reviewer ORDER BY reviewer",
        (),
        (str, int, int, int, str),
    )
    return [ReviewerCounts(*row) for row in rows]


def pair_agreements(database: Database) -> Iterator[PairAgreement]:
    """Each two reviewers that have images in common, by name.

    Raises:
        DatasetError: as every use of the database.
    """
    rows = database.read(
        "SELECT a.reviewer, b.reviewer, a.decision, b.decision, count(*)"
        " FROM reviews AS a JOIN reviews AS b USING (record_id)"
        " WHERE a.reviewer < b.reviewer AND a.decision != 'undecided'"
        " AND b.decision != 'undecided' GROUP BY 1, 2, 3, 4",
        (),
        (str, str, str, str, int),
    )
    for (first, second), counts in groupby(sorted(rows), key=lambda row: row[:2]):
        said = [(a, b) for _, _, a, b, count in counts for _ in range(count)]
        yield PairAgreement(first, second, agreement(said))
