"""Progress in words: speed, time left, targets, and one label."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from support.progress_samples import PROGRESS

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.tui.review.statistics.text import label_text, pace_text, targets_text

COUNTS = st.integers(0, 300)
SHORTFALLS = st.builds(
    lambda label, missing, accepted, *others: Shortfall(
        *label, missing + accepted, accepted, *others
    ),
    st.sampled_from([("chest", "normal"), ("foot", "none")]),
    st.integers(1, 30_000),
    *[COUNTS] * 4,
)


def test_speed_and_time_left() -> None:
    one = LabelProgress("chest", "normal", 1400, 300, 100, 350)
    assert pace_text([one], 4.2) == (
        "You decided 350 of 1,400, 4.2 s per image, about 1 h 14 min for the 1,050 left."
    )
    assert pace_text([one], None).endswith("1,050 left. Your speed appears after a few decisions.")
    assert pace_text(PROGRESS[4:], 3.0) == "You decided all 91 images."
    others = LabelProgress("chest", "normal", 300, 300, 0, 0)
    assert pace_text([others], None).startswith("You decided 0 of 300, 300 left.")
    mine = LabelProgress("chest", "normal", 300, 0, 0, 300)  # undecided, because others disagree
    assert pace_text([mine], 3.0) == "You decided all 300 images."
    assert pace_text([], None) == "No images yet."


def test_text_about_one_label() -> None:
    effusion = PROGRESS[1]
    lacking = Shortfall("chest", "effusion", 100, 40, 100, 40, 20)
    first = (
        "chest / effusion\n40 of 180 images accepted, 29% of those decided; 40 for you to review\n"
    )
    assert label_text(effusion, 100, lacking, has_prompt=True) == (
        f"{first}60 of 100 missing; some will be rejected, so 197 are needed: 40 undecided + 20 "
        "queued + 137 to generate"
    )
    enough = Shortfall("chest", "effusion", 100, 40, 100, 400, 0)
    assert label_text(effusion, 100, enough, has_prompt=False) == (
        f"{first.replace('sion', 'sion: the library has no prompt for this label', 1)}"
        "60 of 100 missing: 400 undecided may be enough"
    )
    assert label_text(effusion, 30, None, has_prompt=True) == f"{first}target of 30 met"
    assert label_text(effusion, None, None, has_prompt=True) == f"{first}no target set"


def summary(*shortfalls: Shortfall) -> str:
    targets = dict.fromkeys([("chest", "normal"), ("chest", "hernia"), ("foot", "none")], 1)
    drawable = [("chest", "normal")]
    return targets_text(targets, shortfalls, drawable)


def test_missing_images_are_counted_by_their_possible_source() -> None:
    normal = Shortfall("chest", "normal", 100, 0, 0, 52, 48)
    hernia = Shortfall("chest", "hernia", 8, 0, 0, 1, 0)
    none = Shortfall("foot", "none", 5, 0, 0, 0, 0)
    assert summary(normal, hernia, none) == (
        "0 of 3 targets met, 113 missing: 53 undecided + 48 queued + 12 without a prompt."
    )
    fewer = replace(normal, coming=30)
    assert summary(fewer, hernia, none).endswith(
        "30 queued + 18 to generate (g) + 12 without a prompt."
    )
    assert summary(fewer).endswith("52 undecided + 30 queued + 18 to generate (g).")
    assert summary(normal).endswith("100 missing: 52 undecided and 48 queued may be enough.")
    assert summary() == "3 of 3 targets met."


def test_more_images_than_are_missing_are_explained() -> None:
    normal = Shortfall("chest", "normal", 157, 100, 20, 46, 0)
    assert normal.missing == 57 and normal.to_queue == 22  # 46 + 22 is more than 57
    text = summary(normal)
    assert text.endswith(
        "57 missing; some will be rejected, so 68 are needed: 46 undecided + 22 to generate (g)."
    )
    progress = LabelProgress("chest", "normal", 166, 100, 20, 120)
    lines = label_text(progress, 157, normal, has_prompt=True).splitlines()
    assert lines[-1].endswith("68 are needed: 46 undecided + 22 to generate")


@given(st.lists(SHORTFALLS, min_size=1, max_size=4))
def test_the_parts_add_up_to_the_missing_or_the_needed_images(
    shortfalls: list[Shortfall],
) -> None:
    text = summary(*shortfalls).replace(",", "")
    if "may be enough" in text or "at first" in text:
        return
    if ", all" in summary(*shortfalls):
        assert " are needed all " in text
        return
    total, _, parts = text.rpartition(": ")
    numbers = re.findall(r"\d+", total)
    assert sum(map(int, re.findall(r"\d+", parts))) == int(numbers[-1])


def test_one_source_of_all_images_is_not_a_sum() -> None:
    few = Shortfall("chest", "normal", 2, 0, 1, 0, 0)
    assert summary(few).endswith(
        f"2 missing; some will be rejected, so {few.to_queue} are needed, all to generate (g)."
    )


def test_purged_images_count_as_rejected() -> None:
    purged = LabelProgress("chest", "normal", 30, 30, 0, 30, purged=10)
    assert "75% of those decided" in label_text(purged, None, None, has_prompt=True)
