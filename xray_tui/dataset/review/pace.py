"""How fast a reviewer decides, from the times of the latest decisions."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from statistics import median

PAUSE = 60.0
"""A time between two decisions that is longer than this, in seconds, counts as a pause."""
LATEST = 200
"""The number of latest decisions from which the pace is calculated."""
FEWEST_GAPS = 5
"""Times between two decisions without which the pace is not known."""
FEWEST_SECONDS = 10.0
"""Seconds that these times must take together: a few quick keys are no pace."""


def seconds_per_image(times: Iterable[float]) -> float | None:
    """The median time from one decision to the next, without pauses.

    ``times`` are seconds in the order of the decisions, or in the reverse order. None if the
    decisions are too few, or within too short a time, to say how long the next ones will take.
    """
    gaps = [abs(later - earlier) for earlier, later in pairwise(times)]
    short = [gap for gap in gaps if gap < PAUSE]
    enough = len(short) >= FEWEST_GAPS and sum(short) >= FEWEST_SECONDS
    return median(short) if enough else None
