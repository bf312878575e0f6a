"""Bars of accepted, rejected and undecided images, whose signs also differ without colours."""

from __future__ import annotations

from collections.abc import Sequence

ACCEPTED, REJECTED, UNDECIDED = "█", "▒", "░"


def lengths(counts: Sequence[int], width: int) -> list[int]:
    """``width`` cells divided in proportion to ``counts``; any count above 0 gets at least 1."""
    whole = sum(counts)
    if not whole:
        return [0] * len(counts)
    found = [max(bool(count), count * width // whole) for count in counts]
    rest = width - sum(found)
    if rest < 0:
        found[found.index(max(found))] += rest
    by_remainder = sorted(range(len(counts)), key=lambda at: -(counts[at] * width % whole))
    for at in by_remainder[: max(0, rest)]:
        found[at] += 1
    return found
