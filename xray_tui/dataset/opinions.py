"""Opinions, reviews and decisions: types that every part of the review uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Decision = Literal["accepted", "rejected", "undecided"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)

Rule = Literal["latest", "majority", "unanimous"]
"""How the dataset's decision follows from its reviewers' decisions; see :func:`verdict`."""
RULES: tuple[Rule, ...] = get_args(Rule)

MAX_RATING = 5
LONGEST_NOTE = 2_000
REASONS = (
    "anatomy-wrong",
    "laterality-wrong",
    "text-artefact",
    "grid-noise",
    "wrong-label",
    "duplicate",
    "poor-contrast",
)
"""Tags that are always offered: why an image is unusable."""


@dataclass(frozen=True)
class Opinion:
    """One reviewer's opinion of one image."""

    decision: Decision = "undecided"
    rating: int = 0
    """1 … 5; 0 means no rating."""
    tags: tuple[str, ...] = ()
    """Sorted."""
    note: str = ""


@dataclass(frozen=True)
class Review:
    """An opinion with its reviewer and time."""

    reviewer: str
    opinion: Opinion
    reviewed: str
    """ISO 8601 in UTC."""


def verdict(reviews: Iterable[Review], rule: Rule) -> Decision:
    """The dataset's decision on an image; undecided reviewers do not count.

    ``latest``: the last decision counts. ``majority``: the decision of most reviewers; undecided if
    it is a tie. ``unanimous``: accepted if everyone accepts, rejected if anyone rejects.
    """
    decided = [review for review in reviews if review.opinion.decision != "undecided"]
    if not decided:
        return "undecided"
    if rule == "latest":
        return max(decided, key=lambda review: (review.reviewed, review.reviewer)).opinion.decision
    accepts = sum(review.opinion.decision == "accepted" for review in decided)
    rejects = len(decided) - accepts
    if rule == "unanimous":
        return "rejected" if rejects else "accepted"
    return "undecided" if accepts == rejects else "accepted" if accepts > rejects else "rejected"
