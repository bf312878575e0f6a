"""The body part of a real radiograph, from the names of its folders, and a warning about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

UNKNOWN = ""
"""The region of a radiograph if none of its folders names a body part."""

_BODY_PARTS = frozenset(
    (
        "abdomen", "ankle", "breast", "chest", "elbow", "femur", "finger", "foot", "forearm",
        "hand", "hip", "humerus", "knee", "pelvis", "shoulder", "skull", "spine", "tibia", "wrist",
    )
)  # fmt: skip


def words(name: str) -> list[str]:
    """The words in a file or folder name, in lower case: ``XR_ELBOW`` gives xr and elbow."""
    return re.findall(r"[a-z0-9]+", name.casefold())


def region_of_folders(folders: Iterable[str], regions: Collection[str]) -> str:
    """The body part named by the first of ``folders`` that names one.

    The result is the best match among ``regions``, otherwise the body part in the folder's words.
    """
    for folder in folders:
        found = set(words(folder))
        fitting = [region for region in sorted(regions) if _fits(found, set(words(region)))]
        if fitting:
            return min(fitting, key=lambda region: len(found ^ set(words(region))))
        if parts := found & _BODY_PARTS:
            return "-".join(sorted(parts))
    return UNKNOWN


def _fits(found: set[str], region: set[str]) -> bool:
    """Folder "hand" fits region "hand-wrist"; "cervical-spine" does not fit "lumbar-spine"."""
    parts = region & _BODY_PARTS
    return region - parts <= found and (not parts or bool(parts & found))


def caution(synthetic: Counter[str], found: Counter[str], drawn: Counter[str]) -> str:
    """The warning for a session whose body parts may reveal the real images."""
    return (
        f"Synthetic images: {_listed(synthetic)}.\n"
        f"Real images in the folder: {_listed(found)}.\n"
        f"Real images selected: {_listed(drawn)}.\n"
        "Readers may recognise the real images by the body part alone."
    )


def _listed(counts: Counter[str]) -> str:
    named = [f"{count} {region}" for region, count in sorted(counts.items()) if region]
    if counts[UNKNOWN]:
        named.append(f"{counts[UNKNOWN]} of unknown body part")
    return ", ".join(named)
