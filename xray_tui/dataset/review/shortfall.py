"""The images that are missing until every label has its target of accepted images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.targets import Label

MOST_AT_ONCE = 10_000
"""The most images to queue for one label before its accepted images are counted again."""
_ASSUMED_ACCEPTED = 4
"""Accepted images assumed at the start, because a few decisions do not give a reliable rate."""
_MOST_PER_IMAGE = 10
"""The most images to queue for each missing one, even if nearly all were rejected so far."""


@dataclass(frozen=True)
class Shortfall:
    """A label with fewer accepted images than its target."""

    region: str
    label: str
    wanted: int
    accepted: int
    rejected: int
    """Also those that were purged since."""
    undecided: int
    """Images without a decision."""
    coming: int
    """Images in the queue."""

    @property
    def missing(self) -> int:
        """Accepted images that are missing."""
        return self.wanted - self.accepted

    @property
    def needed(self) -> int:
        """Images needed to get the missing ones, as some will be rejected.

        The estimate uses the share of accepted images so far, which starts at "all of them" and is
        never taken as less than one in ten. The number is low rather than high: after the next
        decisions, the new shortfall gives the rest.
        """
        accepted = self.accepted + _ASSUMED_ACCEPTED
        decided = accepted + self.rejected
        return min(-(-self.missing * decided // accepted), self.missing * _MOST_PER_IMAGE)

    @property
    def from_undecided(self) -> int:
        """The part of the needed images that may be among those without a decision."""
        return min(self.undecided, self.needed)

    @property
    def from_queue(self) -> int:
        """The part of the needed images that is in the queue."""
        return min(self.coming, self.needed - self.from_undecided)

    @property
    def to_queue(self) -> int:
        """The rest of the needed images, to be queued; at most :data:`MOST_AT_ONCE`."""
        return min(self.needed - self.from_undecided - self.from_queue, MOST_AT_ONCE)


def shortfall(
    progress: Iterable[LabelProgress],
    targets: Mapping[Label, int],
    coming: Mapping[Label, int] | None = None,
) -> list[Shortfall]:
    """The labels that have not met their target yet, by region and label.

    ``coming`` is the number of queued images of each label.
    """
    known = {(label.region, label.label): label for label in progress}
    found = []
    for (region, label), wanted in sorted(targets.items()):
        has = known.get((region, label), LabelProgress(region, label, 0, 0, 0, 0))
        if has.accepted < wanted:
            found.append(
                Shortfall(
                    region=region,
                    label=label,
                    wanted=wanted,
                    accepted=has.accepted,
                    rejected=has.rejected + has.purged,
                    undecided=has.undecided,
                    coming=(coming or {}).get((region, label), 0),
                )
            )
    return found
