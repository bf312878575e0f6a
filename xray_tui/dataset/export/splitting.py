"""Splits images into training, validation and test without leaks.

Relatives are always in the same split: near duplicates, and images of one prompt and seed, which
start from the same noise. Otherwise a model would be tested on images that it has seen.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from xray_tui.dataset.checks import near_duplicates
from xray_tui.dataset.export.selection import Chosen
from xray_tui.errors import DatasetError
from xray_tui.text import quoted

ORDER = ("train", "validation", "test")
"""All splits."""
NAMES = {1: ("train",), 2: ("train", "test"), 3: ORDER}
"""The names of splits, by their number."""
NO_SPLIT = (100,)
"""The shares if all images are in one split."""
_WHOLE = 100


def parse_shares(text: str) -> tuple[int, ...]:
    """The shares in ``80/10/10`` or ``80/20``, in percent.

    Raises:
        DatasetError: ``text`` is something else.
    """
    if re.fullmatch(r"[0-9]{1,2}(/[0-9]{1,2}){1,2}", text.strip()):
        shares = tuple(map(int, text.split("/")))
        if sum(shares) == _WHOLE and all(shares):
            return shares
    raise DatasetError(
        f"{quoted(text)} is not a split; give shares that add up to 100: 80/10/10 for train, "
        "validation and test, or 80/20 for train and test"
    )


def split(images: Sequence[Chosen], shares: tuple[int, ...], seed: int) -> list[str]:
    """The name of the split of each of ``images``.

    Each label of a region is divided by the ``shares`` as exactly as relatives allow. The same
    images, shares and seed give the same splits, in whatever order the images are.
    """
    names = NAMES[len(shares)]
    if len(shares) == 1:
        return [names[0]] * len(images)
    families = _families(images)
    families.sort(key=lambda family: min(images[place].file for place in family))
    random.Random(seed).shuffle(families)
    families.sort(key=len, reverse=True)  # small families fill what the large ones leave
    free: dict[tuple[str, str], list[int]] = {
        stratum: [count * share for share in shares]
        for stratum, count in Counter((one.region, one.label) for one in images).items()
    }
    overall = [len(images) * share for share in shares]
    found = [""] * len(images)
    for family in families:
        counts = Counter((images[place].region, images[place].label) for place in family)
        room = [
            (sum(count * free[stratum][number] for stratum, count in counts.items()), left)
            for number, left in enumerate(overall)
        ]
        best = room.index(max(room))
        for stratum, count in counts.items():
            free[stratum][best] -= count * _WHOLE
            overall[best] -= count * _WHOLE
        for place in family:
            found[place] = names[best]
    return found


def _families(images: Sequence[Chosen]) -> list[list[int]]:
    """The places of relatives, an image without any for itself."""
    sets = _Sets(len(images))
    by_noise: dict[tuple[str, str, int], int] = {}
    for place, one in enumerate(images):
        sets.join(by_noise.setdefault((one.region, one.prompt_id, one.seed), place), place)
    hashes = [(place, one.phash, one.region) for place, one in enumerate(images)]
    for alike in near_duplicates.chains(hashes):
        sets.join_all(alike)
    return sets.all()


class _Sets:
    """Disjoint sets of the numbers below ``count``, at first each alone."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def join(self, one: int, other: int) -> None:
        self._parents[self._root(one)] = self._root(other)

    def join_all(self, members: Iterable[int]) -> None:
        first, *others = members
        for other in others:
            self.join(first, other)

    def all(self) -> list[list[int]]:
        found: defaultdict[int, list[int]] = defaultdict(list)
        for number in range(len(self._parents)):
            found[self._root(number)].append(number)
        return list(found.values())

    def _root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number
