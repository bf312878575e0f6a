"""How many images are accepted and rejected, and what that means for the next ones.

The sums of the app's statistics, and of ``xray-tui stats``, are made of this SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from xray_tui.dataset.blind.statistics import Share

IMAGES = "count(listed.record_id)"
ACCEPTED = "count(CASE verdicts.decision WHEN 'accepted' THEN 1 END)"
REJECTED = "count(CASE verdicts.decision WHEN 'rejected' THEN 1 END)"
PURGED = "count(*) - count(listed.record_id)"
"""Counts over rows ``listed``, whose ``record_id`` is NULL for purged images, with the joins of
:func:`opinions`."""


def opinions(*, hide_votes: bool) -> str:
    """Joins ``own``, the review by the reviewer whose name is bound, and ``verdicts``.

    With ``hide_votes``, there is a verdict only where this reviewer has decided.
    """
    return (
        " LEFT JOIN reviews AS own ON own.record_id = listed.record_id AND reviewer = ?"
        " LEFT JOIN verdicts ON verdicts.record_id = listed.record_id"
        + " AND own.decision != 'undecided'"
        * hide_votes
    )


@dataclass(frozen=True)
class Tally:
    """The images of a group, by the decision of the dataset."""

    images: Annotated[int, IMAGES] = 0
    accepted: Annotated[int, ACCEPTED] = 0
    rejected: Annotated[int, REJECTED] = 0
    purged: Annotated[int, PURGED] = 0
    """Rejected images that were purged; they are not among ``images``."""

    @property
    def undecided(self) -> int:
        """Images without a decision of the dataset."""
        return self.images - self.accepted - self.rejected

    @property
    def acceptance(self) -> Share:
        """The accepted images of those with a decision, also the purged ones."""
        return Share(self.accepted, self.accepted + self.rejected + self.purged)

    @property
    def per_accepted(self) -> float | None:
        """Decided images for each accepted one; None if none was accepted."""
        return self.acceptance.total / self.accepted if self.accepted else None
