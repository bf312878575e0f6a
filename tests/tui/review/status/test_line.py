"""The status line: position, counts, pace and the time left, and what is left out if narrow."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.review_pilot import open_review

from xray_tui.tui.review import flash
from xray_tui.tui.review.query.offer import QueryOffer
from xray_tui.tui.review.status.line import Counts, ReviewState, pace_text, status_line
from xray_tui.tui.review.status.pace import Pace

IMAGES = 9
COUNTS = Counts(accepted=200, rejected=50, left=150)


def line(width: int = 100, **values: object) -> str:
    state = {"place": 2, "shown": 400, "marked": 0, "counts": COUNTS, "reviewer": "anna", **values}
    return status_line(ReviewState(**state), width).plain  # type: ignore[arg-type]


def test_the_time_left_is_that_of_the_list() -> None:
    assert line(counts=None) == "2/400 · anna"  # nothing is said before it is known
    assert line() == "2/400 · ✓ 200 · ✗ 50 · 150 left · anna"
    assert "150 left · 24/min, about 6 min · anna" in line(seconds_per_image=2.5)
    here = Counts(200, 50, 150, here=12)
    assert "150 left · 12 undecided here · 24/min, about 30 s" in line(
        counts=here, seconds_per_image=2.5
    )
    done = Counts(200, 50, 150, here=0)
    assert "150 left · 0 undecided here · 24/min · anna" in line(counts=done, seconds_per_image=2.5)


def test_marks_that_a_filter_hides_are_counted() -> None:
    counted = line(counts=None, marked=3, hidden_marks=1_200)
    assert counted == "2/400 · 3 marked · 1,200 more marked, not in this list · anna"
    assert "· 2 marked, not in this list ·" in line(hidden_marks=2)


def test_in_a_narrow_line_the_least_important_parts_are_left_out() -> None:
    values = {"seconds_per_image": 2.5, "query": "label:normal", "auto_advance": False}
    assert line(64, **values) == "2/400 · ✓ 200 · ✗ 50 · 150 left · label:normal"
    assert line(20, **values) == "2/400 · 150 left"


@pytest.mark.parametrize(("seconds", "text"), [(0.0001, "600/min"), (59, "1/min")])
def test_an_absurd_pace_is_bounded(seconds: float, text: str) -> None:
    assert pace_text(seconds, 0) == text


def test_pauses_do_not_count_in_the_pace() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for gap in (2, 3, 600, 2, 2, 2):
        assert pace.seconds is None
        pace.note()
        now[0] += gap
    pace.earlier = 7
    assert pace.seconds == 7  # four gaps and a pause are too few
    pace.note()
    assert pace.seconds == 2


def test_there_is_no_pace_after_a_minute_without_a_decision() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    pace.earlier = 7
    for _ in range(8):
        pace.note()
        now[0] += 2
    now[0] += 57
    assert pace.seconds == 2
    now[0] += 1
    assert pace.seconds is None
    pace.note()
    assert pace.seconds == 2


def test_a_few_quick_keys_are_no_pace() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for _ in range(50):
        pace.note()
        now[0] += 0.1
        assert pace.seconds is None
    pace.earlier = 4
    assert pace.seconds == 4  # what is known from earlier still counts
    for _ in range(60):
        pace.note()
        now[0] += 0.1
    assert pace.seconds == pytest.approx(0.1)  # ten seconds long: so be it


async def test_decisions_flash_and_the_list_is_counted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flash, "FLASH_SECONDS", 2)  # the machine may be slow
    async with open_review(root) as anna:
        await anna.press("enter", "x")
        await anna.until(lambda: "2/9" in anna.text)
        title = next(row for row in anna.text.splitlines() if "undecided" in row)
        assert "· undecided · chest/effusion" in title and "✗ rejected" in title
        await anna.until(lambda: "✗ rejected" not in anna.text)
        await anna.press("p", "escape", "slash", "label:effusion", "enter")
        await anna.shows("✓ 1 · ✗ 1 · 7 left · 1 undecided here")
        await anna.press("slash", "ctrl+u", "enter")
        await anna.until(lambda: "here" not in anna.text)


async def test_the_images_left_are_those_of_the_list_not_those_that_came_since(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.shows("1/9 · ✓ 0 · ✗ 0 · 9 left")
        for seed in (70, 71, 72):
            anna.dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
        await anna.press("p")
        await anna.shows("2/9 · ✓ 1 · ✗ 0 · 8 left")
        await anna.press("slash", "decision:undecided", "enter")
        await anna.shows("11 left · 11 undecided here")  # a new filter reads the list again
        await anna.press("slash", "ctrl+u", "enter")
        await anna.shows("/12 · ✓ 1 · ✗ 0 · 11 left")


async def test_f5_brings_new_labels_to_the_suggestions(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.shows("9 left")
        task = make_task(70, label="scoliosis")
        anna.dataset.save(make_image(70), task, make_provenance(), "job-1")
        await anna.press("f5")
        await anna.shows("10 left")
        await anna.press("slash", "label:sco")
        offer = anna.screen.query_one(QueryOffer)
        await anna.until(lambda: "scoliosis" in str(offer.render()))
