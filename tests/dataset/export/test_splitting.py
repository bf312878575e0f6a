"""Splits: exact shares, no leaks, and the same split for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xray_tui.dataset.checks.near_duplicates import DEFAULT_DISTANCE
from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.export.splitting import parse_shares, split
from xray_tui.errors import DatasetError

SHARES = (80, 10, 10)


def chosen(number: int, **changes: object) -> Chosen:
    """An image without relatives."""
    values = {
        "record_id": number,
        "file": f"chest/normal/p_{number}.png",
        "region": "chest",
        "label": "normal",
        "prompt_id": "p",
        "seed": number,
        "phash": "",
    }
    return Chosen(**(values | changes))  # type: ignore[arg-type]


def are_relatives(one: Chosen, other: Chosen) -> bool:
    if one.region != other.region:
        return False
    if (one.prompt_id, one.seed) == (other.prompt_id, other.seed):
        return True
    if not one.phash or not other.phash:
        return False
    return (int(one.phash, 16) ^ int(other.phash, 16)).bit_count() <= DEFAULT_DISTANCE


IMAGES = st.lists(
    st.tuples(
        st.sampled_from(("normal", "effusion")),
        st.sampled_from(("chest", "knee")),
        st.sampled_from(("a", "b")),
        st.integers(0, 20),
        # 25 bits of 64: chains of near duplicates, whose ends are far apart.
        st.one_of(
            st.just(0),
            st.sets(st.integers(0, 24), min_size=1).map(lambda s: sum(1 << b for b in s)),
        ),
    ),
    max_size=40,
).map(
    lambda rows: [
        chosen(
            number,
            file=f"{region}/{label}/{prompt}_{seed}_{number}.png",
            label=label,
            region=region,
            prompt_id=prompt,
            seed=seed,
            phash=f"{phash:016x}" if phash else "",
        )
        for number, (label, region, prompt, seed, phash) in enumerate(rows)
    ]
)


@settings(max_examples=150)
@given(IMAGES, st.integers(0, 5))
def test_relatives_never_straddle_and_the_order_does_not_matter(
    images: list[Chosen], seed: int
) -> None:
    found = split(images, SHARES, seed)
    for one, other in combinations(range(len(images)), 2):
        if are_relatives(images[one], images[other]):
            assert found[one] == found[other]
    shuffled = random.Random(seed).sample(range(len(images)), len(images))
    again = split([images[place] for place in shuffled], SHARES, seed)
    assert again == [found[place] for place in shuffled]


def test_each_label_is_divided_by_the_shares() -> None:
    images = [
        chosen(number, label=label, file=f"chest/{label}/{number}.png")
        for number, label in enumerate(["normal"] * 100 + ["effusion"] * 20 + ["nodule"] * 10)
    ]
    found = split(images, SHARES, 7)
    counts = Counter(zip((one.label for one in images), found, strict=True))
    assert counts == {
        ("normal", "train"): 80,
        ("normal", "validation"): 10,
        ("normal", "test"): 10,
        ("effusion", "train"): 16,
        ("effusion", "validation"): 2,
        ("effusion", "test"): 2,
        ("nodule", "train"): 8,
        ("nodule", "validation"): 1,
        ("nodule", "test"): 1,
    }
    assert split(images, SHARES, 7) == found
    assert split(images, SHARES, 8) != found
    assert set(split(images, (80, 20), 7)) == {"train", "test"}
    assert set(split(images, (100,), 7)) == {"train"}


def test_large_families_cost_no_more_than_themselves() -> None:
    """What a family of ten takes from one split, the images without relatives give back."""
    images = [chosen(number, seed=1 if number < 10 else number) for number in range(100)]
    assert Counter(split(images, SHARES, 3)) == {"train": 80, "validation": 10, "test": 10}


@pytest.mark.parametrize(
    "text", ["80", "80/10", "80/10/20", "100/0", "0/50/50", "a/b", "", "50/25/12/13", "-10/110"]
)
def test_other_texts_are_no_shares(text: str) -> None:
    with pytest.raises(DatasetError, match="80/10/10 for train"):
        parse_shares(text)


def test_shares() -> None:
    assert parse_shares("80/10/10") == SHARES
    assert parse_shares(" 80/20 ") == (80, 20)
