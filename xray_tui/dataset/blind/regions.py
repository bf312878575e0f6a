"""Which body part the folders of a real radiograph name, and what a reader could tell by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

NOT_TOLD = ""
"""The region of a radiograph none of whose folders names a body part."""

_BODY_PARTS = frozenset(
    (
        "abdomen", "ankle", "breast", "chest", "elbow", "femur", "finger", "foot", "forearm",
        "hand", "hip", "humerus", "knee", "pelvis", "shoulder", "skull", "spine", "tibia", "wrist",
    )
)  # fmt: skip


def words(name: str) -> list[str]:
    """The words of a file's or folder's name, in lower case: ``XR_ELBOW`` has xr and elbow."""
    return re.findall(r"[a-z0-9]+", name.casefold())


def region_told(folders: Iterable[str], regions: Collection[str]) -> str:
    """The region that the first of ``folders`` to name a body part names.

    One of ``regions`` where it fits, else the body part in the folder's own words.
    """
    for folder in folders:
        found = set(words(folder))
        fitting = [region for region in sorted(regions) if _fits(found, set(words(region)))]
        if fitting:
            return min(fitting, key=lambda region: len(found ^ set(words(region))))
        if parts := found & _BODY_PARTS:
            return "-".join(sorted(parts))
    return NOT_TOLD


def _fits(found: set[str], region: set[str]) -> bool:
    """A folder hand is of region hand-wrist; a folder cervical-spine is not of lumbar-spine."""
    parts = region & _BODY_PARTS
    return region - parts <= found and (not parts or bool(parts & found))


def caution(synthetic: Counter[str], found: Counter[str], drawn: Counter[str]) -> str:
    """What has to be told of pictures by region whose body part may give the real ones away."""
    return (
        f"Synthetic ones: {_listed(synthetic)}.\n"
        f"Real ones in the folder: {_listed(found)}.\n"
        f"Real ones drawn: {_listed(drawn)}.\n"
        "By the body part alone a reader may tell which are real."
    )


def _listed(counts: Counter[str]) -> str:
    named = [f"{count} {region}" for region, count in sorted(counts.items()) if region]
    if counts[NOT_TOLD]:
        named.append(f"{counts[NOT_TOLD]} of a body part that no folder names")
    return ", ".join(named)
