"""Opinions, reviews and decisions: types that every part of the review uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median_low
from typing import Literal, get_args

Decision = Literal["accepted", "rejected", "undecided"]
DECISIONS: tuple[Decision, ...] = get_args(Decision)

Rule = Literal["latest", "majority", "unanimous"]
"""How the dataset's decision follows from its reviewers' decisions; see :func:`verdict`."""
RULES: tuple[Rule, ...] = get_args(Rule)

MAX_RATING = 5
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Opinion:
    """One reviewer's opinion of one image."""

    decision: Decision = "undecided"
    rating: int = 0
    """1 … 5; 0 means no rating."""
    tags: tuple[str, ...] = ()
    """Sorted."""
    note: str = ""

    def with_tag(self, tag: str, has: bool = True) -> Opinion:
        """This opinion with ``tag``, or without it."""
        others = {other for other in self.tags if other != tag}
        return replace(self, tags=tuple(sorted(others | {tag} if has else others)))


@dataclass(frozen=True)
class Review:
    """An opinion with its reviewer and time."""

    reviewer: str
    opinion: Opinion
    reviewed: str
    """When it was stored, ISO 8601 in UTC: of one reviewer's opinions, the last stored counts."""
    earlier: str = ""
    """:attr:`given`, if the opinion was stored again later; otherwise empty."""
    rated: str = ""
    """:attr:`rating_given`, if it differs from :attr:`given`; otherwise empty."""

    @property
    def given(self) -> str:
        """When the decision was given: this time counts between reviewers' decisions.

        A later rating, tag or note of an undecided reviewer counts as well.
        """
        return self.earlier or self.reviewed

    @property
    def rating_given(self) -> str:
        """When the rating was given: this time counts between reviewers' ratings."""
        return self.rated or self.given


@dataclass(frozen=True)
class Conclusion:
    """The combined opinion of all reviewers of an image; see :func:`conclude`."""

    decision: Decision = "undecided"
    rating: int = 0
    """1 … 5; 0 means no rating."""
    tags: tuple[str, ...] = ()
    """Sorted."""


NO_CONCLUSION = Conclusion()
"""The dataset's opinion of an image without reviews."""


def conclude(reviews: Iterable[Review], rule: Rule) -> Conclusion:
    """The dataset's opinion of an image.

    The decision is the :func:`verdict`. With the rule ``latest``, the latest rating counts,
    otherwise the median of all ratings (the lower of two). The tags of all reviewers are merged.
    """
    reviews = list(reviews)
    if len(reviews) == 1:  # usual, and thousands are read at once
        opinion = reviews[0].opinion
        return Conclusion(opinion.decision, opinion.rating, opinion.tags)
    reviews.sort(key=lambda review: (review.rating_given, review.reviewer))
    ratings = [review.opinion.rating for review in reviews if review.opinion.rating]
    if not ratings:
        rating = 0
    elif rule == "latest":
        rating = ratings[-1]
    else:
        rating = median_low(ratings)
    tags = {tag for review in reviews for tag in review.opinion.tags}
    return Conclusion(verdict(reviews, rule), rating, tuple(sorted(tags)))


def verdict(reviews: Iterable[Review], rule: Rule) -> Decision:
    """The dataset's decision on an image; undecided reviewers do not count.

    ``latest``: the decision given last counts. ``majority``: the decision of most reviewers;
    undecided in a tie. ``unanimous``: accepted if everyone accepts, rejected if anyone rejects.
    """
    decided = [review for review in reviews if review.opinion.decision != "undecided"]
    if not decided:
        return "undecided"
    if rule == "latest":
        return max(decided, key=lambda review: (review.given, review.reviewer)).opinion.decision
    accepts = sum(review.opinion.decision == "accepted" for review in decided)
    rejects = len(decided) - accepts
    if rule == "unanimous":
        return "rejected" if rejects else "accepted"
    return "undecided" if accepts == rejects else "accepted" if accepts > rejects else "rejected"
