"""How much each reviewer has reviewed, and how far reviewers agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated, NamedTuple

from xray_tui.dataset.blind.statistics import Agreement, agreement
from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.catalog.review_rows import GIVEN
from xray_tui.dataset.query.sql import DISPUTED_SQL, Piece

_DAYS = 30
KAPPA = "kappa: 1 is full agreement, 0 is chance, – if both always gave the same answer"
ALL_IMAGES: Piece = ("", [])
"""No condition, as :func:`~xray_tui.dataset.query.sql.among` makes others."""


@dataclass(frozen=True)
class ReviewerCounts:
    """The work of one reviewer."""

    reviewer: str
    decided: Annotated[int, "count(CASE WHEN decision != 'undecided' THEN 1 END)"]
    """Images accepted or rejected."""
    accepted: Annotated[int, "count(CASE decision WHEN 'accepted' THEN 1 END)"]
    rejected: Annotated[int, "count(CASE decision WHEN 'rejected' THEN 1 END)"]
    last: Annotated[str, "max(reviewed)"]
    """The time of the last change: ISO 8601 in UTC."""


class TagCount(NamedTuple):
    """A tag, and how many reviews of rejected images have it."""

    tag: str
    reviews: int


class DayCounts(NamedTuple):
    """Images on which someone's present decision was given on this day."""

    day: Annotated[str, f"substr({GIVEN}, 1, 10)"]
    """In UTC."""
    accepted: Annotated[int, "count(CASE decision WHEN 'accepted' THEN 1 END)"]
    rejected: Annotated[int, "count(CASE decision WHEN 'rejected' THEN 1 END)"]


@dataclass(frozen=True)
class ReviewSummary:
    """Who reviewed, when, and why images were rejected."""

    reviewers: list[ReviewerCounts]
    reasons: list[TagCount]
    """The most frequent first."""
    days: list[DayCounts]
    """The latest first."""
    disputed: int
    """Images that some reviewers accept and others reject."""


@dataclass(frozen=True)
class PairAgreement:
    """How far two reviewers agree on the images that both have accepted or rejected."""

    first: str
    second: str
    agreement: Agreement

    def as_json(self) -> dict[str, object]:
        """What ``--json`` prints of it; its keys stay as they are."""
        agreed = self.agreement.agreed
        numbers = {"images": agreed.total, "agreed": agreed.hits, "kappa": self.agreement.kappa}
        return {"first": self.first, "second": self.second, **numbers}


class _TagsRow(NamedTuple):
    tags: str
    reviews: Annotated[int, "count(*)"]


class _DecisionPair(NamedTuple):
    first: Annotated[str, "a.reviewer"]
    second: Annotated[str, "b.reviewer"]
    first_decision: Annotated[str, "a.decision"]
    second_decision: Annotated[str, "b.decision"]
    images: Annotated[int, "count(*)"]


def reviewer_counts(database: Database, among: Piece = ALL_IMAGES) -> list[ReviewerCounts]:
    """The counts of every reviewer with an opinion that was not withdrawn, by name.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    within, values = among
    said = "max(decision != 'undecided' OR rating > 0 OR tags != '' OR note != '')"
    return database.select(
        ReviewerCounts,
        f"FROM reviews WHERE 1{within} GROUP BY reviewer HAVING {said} ORDER BY reviewer",
        values,
    )


def review_summary(
    database: Database, only: str | None = None, among: Piece = ALL_IMAGES
) -> ReviewSummary:
    """Who reviewed, when, and why images were rejected; with ``only``, what this reviewer did.

    ``among`` restricts the images.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    within, bound = among
    mine, name = ("", []) if only is None else (" AND reviewer = ?", [storable(only)])
    mine, values = within + mine, [*bound, *name]
    tags: Counter[str] = Counter()
    rejected = "reviews.decision" if only is not None else "verdicts.decision"
    for row in database.select(
        _TagsRow,
        f"FROM reviews JOIN verdicts USING (record_id) WHERE {rejected} = 'rejected'"
        f" AND tags != ''{mine} GROUP BY tags",
        values,
    ):
        tags.update(dict.fromkeys(row.tags.split(), row.reviews))
    days = f"FROM reviews WHERE decision != 'undecided'{mine} GROUP BY 1 ORDER BY 1 DESC LIMIT ?"
    decided = (
        ""
        if only is None
        else (
            " AND record_id IN (SELECT record_id FROM reviews"
            " WHERE decision != 'undecided' AND reviewer = ?)"
        )
    )
    (disputed,) = database.column(
        int, f"SELECT count(*) FROM images WHERE {DISPUTED_SQL}{within}{decided}", values
    )
    return ReviewSummary(
        [one for one in reviewer_counts(database, among) if only in (None, one.reviewer)],
        [TagCount(*found) for found in tags.most_common()],
        database.select(DayCounts, days, [*values, _DAYS]),
        disputed,
    )


def pair_agreements(database: Database, among: Piece = ALL_IMAGES) -> Iterator[PairAgreement]:
    """Every pair of reviewers who have decided on the same images, by name.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    within, values = among
    rows = database.select(
        _DecisionPair,
        "FROM reviews AS a JOIN reviews AS b USING (record_id)"
        " WHERE a.reviewer < b.reviewer AND a.decision != 'undecided'"
        f" AND b.decision != 'undecided'{within} GROUP BY 1, 2, 3, 4",
        values,
    )
    for (first, second), pairs in groupby(sorted(rows), key=lambda row: row[:2]):
        decisions = [
            (pair.first_decision, pair.second_decision)
            for pair in pairs
            for _ in range(pair.images)
        ]
        yield PairAgreement(first, second, agreement(decisions))
