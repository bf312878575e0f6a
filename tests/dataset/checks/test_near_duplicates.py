"""Near duplicates: groups by hash, compared with a slow and simple search."""

from __future__ import annotations

import numpy as np
import pytest

from xray_tui.dataset.checks import near_duplicates
from xray_tui.dataset.checks.near_duplicates import DEFAULT_DISTANCE, groups

Hashes = list[tuple[int, str, str]]


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


def row(record_id: int, value: int, region: str = "chest") -> tuple[int, str, str]:
    return record_id, f"{value:016x}", region


def simple_groups(hashes: Hashes, distance: int) -> list[tuple[int, ...]]:
    found = []
    values = np.array([int(phash or "0", 16) for _, phash, _ in hashes], dtype=np.uint64)
    regions = np.array([region for _, _, region in hashes])
    free = np.array([bool(phash) for _, phash, _ in hashes])
    for place in range(len(hashes)):
        if free[place]:
            near = np.bitwise_count(values ^ values[place]) <= distance
            members = np.flatnonzero(free & near & (regions == regions[place]))
            free[members] = False
            if len(members) > 1:
                found.append(tuple(hashes[member][0] for member in members))
    return found


def crowd(count: int, seed: int = 0, centres: int = 30, changes: int = 8) -> Hashes:
    """Hashes around some centres in two regions; some are missing, and ids are shuffled."""
    random = np.random.default_rng(seed)
    values = random.integers(0, 2**64, centres, dtype=np.uint64)
    found: Hashes = []
    for record_id in random.permutation(count).tolist():
        bits = random.choice(64, random.integers(0, changes + 1), replace=False)
        value = flipped(int(values[random.integers(centres)]), *bits.tolist())
        region = ("chest", "knee")[record_id % 2]
        found.append(row(record_id, value, region) if record_id % 13 else (record_id, "", region))
    return found


@pytest.mark.parametrize("distance", [0, 1, 3, 4, DEFAULT_DISTANCE, 8, 12])
def test_groups_are_the_same_as_when_all_pairs_are_compared(distance: int) -> None:
    hashes = crowd(400, seed=distance)
    found = groups(hashes, distance)
    assert found == simple_groups(hashes, distance)
    assert found


def test_members_are_near_the_first_and_form_no_chains() -> None:
    values = [flipped(0, *range(step)) for step in range(0, 40, 2)]
    found = groups([row(number, value) for number, value in enumerate(values)], 4)
    assert found == [(0, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10, 11), (12, 13, 14), (15, 16, 17),
                     (18, 19)]  # fmt: skip


def test_the_distance_is_inclusive() -> None:
    for count in (DEFAULT_DISTANCE, DEFAULT_DISTANCE + 1):
        pair = [row(1, 0), row(2, flipped(0, *range(0, 11 * count, 11)))]
        assert bool(groups(pair)) == (count == DEFAULT_DISTANCE)


def test_regions_and_missing_hashes_are_kept_apart() -> None:
    same = 0xFFFF0000FFFF0000
    hashes = [row(1, same), row(2, same, "knee"), (3, "", "chest"), (4, "", "chest"), row(5, same)]
    assert groups(hashes) == [(1, 5)]


def test_fewer_than_two_hashes_form_no_group() -> None:
    assert groups([]) == []
    assert groups([row(1, 7)]) == []
    assert groups([(1, "", "chest"), (2, "", "chest")]) == []


def test_many_equal_hashes_are_one_group() -> None:
    """Comparing all pairs would be 800 million comparisons."""
    hashes = [row(number, flipped(5, number % 3)) for number in range(40_000)]
    assert [len(group) for group in groups(hashes, 2)] == [40_000]


@pytest.mark.parametrize("compared", [1, 5_000])
def test_comparing_in_small_parts_gives_the_same_groups(
    monkeypatch: pytest.MonkeyPatch, compared: int
) -> None:
    hashes = crowd(2_000, centres=100, changes=6)
    monkeypatch.setattr(near_duplicates, "_COMPARED", compared)
    assert groups(hashes) == simple_groups(hashes, DEFAULT_DISTANCE)
