"""Reviewing as people do it: fast, with mistakes, and several people at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.blind_samples import make_session
from support.review_datasets import save_images
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.choosing import SessionRequest
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.review.compare import Compare
from xray_tui.tui.review.duplicates import best_of
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review.status.line import ReviewStatus
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.textual_internals import notifications

IMAGES = 6


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    save_images(tmp_path / "images", IMAGES)
    opened = Dataset(tmp_path / "images")
    yield opened
    opened.close()


def app_of(dataset: Dataset, reviewer: str = "ann") -> ReviewApp:
    return ReviewApp(Settings(), dataset.desk(reviewer))


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until ``condition`` holds, which may depend on work in other threads."""
    for _ in range(100):
        if condition():
            return
        await pilot.pause(0.05)
    assert condition()


async def opened(pilot: Pilot[None]) -> ReviewScreen:
    """The review, once it shows all images."""
    screen = pilot.app.screen
    assert isinstance(screen, ReviewScreen)
    await until(pilot, lambda: len(screen.images.ids) == IMAGES)
    return screen


async def burst(pilot: Pilot[None], keys: Iterable[str]) -> None:
    """Send all keys at once, as they arrive over a slow connection."""
    for key in keys:
        pilot.app.post_message(
            events.Key(key if key != "/" else "slash", key if len(key) == 1 else None)
        )
    await pilot.pause()
    await pilot.pause(0.05)


def decisions(dataset: Dataset, reviewer: str = "ann") -> list[str]:
    ids = sorted(record.id for record in dataset.catalog.records())
    return [row.opinion.decision for row in dataset.desk(reviewer).index.rows(ids)]


async def test_keys_typed_fast_into_the_filter_decide_nothing(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await burst(pilot, "xp/xpu5")
        assert decisions(dataset)[:2] == ["rejected", "accepted"]
        assert decisions(dataset)[2:] == ["undecided"] * (IMAGES - 2)
        assert pilot.app.screen.query_one(QueryLine).text == "xpu5"


async def test_a_key_typed_fast_after_enter_applies_to_the_opened_image(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("space", "space", "left")
        await burst(pilot, ["enter", "x"])
        assert decisions(dataset)[:2] == ["undecided", "rejected"]
        await burst(pilot, ["escape", "p"])
        assert decisions(dataset)[:2] == ["accepted", "accepted"]


async def test_keys_typed_fast_into_a_dialog_reach_its_field(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await burst(pilot, "Npxx")
        assert isinstance(pilot.app.screen, EntryScreen)
        assert pilot.app.screen.query_one(Input).value == "pxx"
        assert set(decisions(dataset)) == {"undecided"}


async def test_an_invalid_filter_stays_until_it_is_corrected_or_left(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        line = (await opened(pilot)).query_one(QueryLine)
        for text in ("label:normal", "label:normal rating:9"):
            await pilot.press("slash")
            line.query_one(Input).value = text
            await pilot.press("enter")
            await pilot.pause()
        assert isinstance(pilot.app.focused, Input)
        await pilot.press("escape")
        assert not isinstance(pilot.app.focused, Input)
        assert line.text == "label:normal"


async def test_the_status_line_counts_the_decisions_of_this_reviewer(dataset: Dataset) -> None:
    ids = sorted(record.id for record in dataset.catalog.records())
    dataset.desk("bob").set_decision(ids, "accepted")
    dataset.desk("ann").set_decision(ids[:1], "rejected")
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        status = (await opened(pilot)).query_one(ReviewStatus)
        await until(pilot, lambda: f"✓ 0 · ✗ 1 · {IMAGES - 1} left" in str(status.render()))


async def test_toasts_of_fast_keys_do_not_pile_up(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await burst(pilot, "zzzzzz")
        assert len(notifications(pilot.app)) == 1


def make_duplicates(dataset: Dataset) -> list[int]:
    """Make two groups of near duplicates; returns the ids of all images."""
    ids = sorted(record.id for record in dataset.catalog.records())
    hashes = ["00" * 8] * 2 + ["ff" * 8] * 2 + ["0f" * 8] + ["f0" * 8]
    catalog = sqlite3.connect(dataset.root / layout.CATALOG)
    with closing(catalog), catalog:
        catalog.executemany(
            "UPDATE images SET phash = ? WHERE record_id = ?", zip(hashes, ids, strict=True)
        )
    return ids


async def test_resolved_groups_of_duplicates_are_not_shown_again(dataset: Dataset) -> None:
    ids = make_duplicates(dataset)
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("D")
        await until(pilot, lambda: screen.images.ids == (ids[0], ids[1]))
        await pilot.press("X", "escape", "D")
        await until(pilot, lambda: screen.images.ids == (ids[2], ids[3]))
        assert "Duplicates 1/1" in str(screen.query_one(ReviewStatus).render())


def test_the_dataset_decision_picks_the_best_if_the_reviewer_has_not_decided() -> None:
    row = GalleryRow(1, "a", "chest", "x", "p", "t", 1, "", "", (), Opinion(), "undecided")
    rows = [row, replace(row, record_id=2)]
    assert best_of(rows) == 1
    assert best_of([replace(row, verdict="rejected"), rows[1]]) == 2
    assert best_of([replace(row, checks=("blank",)), rows[1]]) == 2
    assert best_of([replace(row, opinion=Opinion("accepted"), verdict="rejected"), rows[1]]) == 1


async def test_undo_goes_to_the_image_it_changes(dataset: Dataset) -> None:
    ids = sorted(record.id for record in dataset.catalog.records())
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        gallery = pilot.app.screen.query_one(Gallery)
        await burst(pilot, "xpGz")
        assert decisions(dataset)[:2] == ["rejected", "undecided"]
        assert gallery.cursor_id == ids[1]
        await burst(pilot, "z")
        assert gallery.cursor_id == ids[0]
        await burst(pilot, "GZ")
        assert gallery.cursor_id == ids[0]
        await pilot.press("slash")
        pilot.app.screen.query_one(Input).value = "is:undecided"
        await pilot.press("enter")
        await until(pilot, lambda: gallery.cursor_id == ids[1])
        await burst(pilot, "z")
        (toast,) = notifications(pilot.app)
        assert toast.message == "Undone: rejected 1 image (not in this list)"


async def test_compared_images_follow_the_cursor(dataset: Dataset) -> None:
    ids = sorted(record.id for record in dataset.catalog.records())
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        compare = pilot.app.screen.query_one(Compare)
        await pilot.press("p", "c")
        await pilot.pause()
        assert [item.record_id for item in compare.items] == ids[1:3]
        await pilot.press("down")
        await pilot.pause()
        assert [item.record_id for item in compare.items] == ids[2:4]


async def test_the_toast_says_that_a_label_is_new(dataset: Dataset) -> None:
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await burst(pilot, "Rnomral")
        await pilot.press("enter")
        await pilot.pause(0.2)
        (toast,) = notifications(pilot.app)
        assert toast.message == "Moved to chest/nomral (new label)"


async def test_answers_typed_fast_in_a_blind_reading_are_all_saved(dataset: Dataset) -> None:
    ids = sorted(record.id for record in dataset.catalog.records())
    images = dataset.desk().blind_images()
    session = make_session(dataset.root, SessionRequest("fast", 4), images.items(ids))
    async with app_of(dataset).run_test(size=(80, 24)) as pilot:
        reading = Reading(dataset.root, session, "ann")
        await pilot.app.push_screen(BlindScreen(reading, images.paths(session)))
        await pilot.pause()
        await burst(pilot, "r1s2r3s")
    reading = Reading(dataset.root, session, "ann")
    answers = [reading.answer(number) for number in range(4)]
    labels = [*session.labels[:3], None]
    origins = ("real", "synthetic", "real", "synthetic")
    assert answers == [
        BlindAnswer(origin, label) for origin, label in zip(origins, labels, strict=True)
    ]


async def test_a_blind_reading_continues_in_spite_of_filters_and_new_labels(
    dataset: Dataset,
) -> None:
    images = dataset.desk().blind_images()
    ids = sorted(record.id for record in dataset.catalog.records())
    session = make_session(dataset.root, SessionRequest("begun", IMAGES), images.items(ids))
    dataset.desk("bob").relabel(ids, "elsewhere")
    app = app_of(dataset)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await burst(pilot, "/is:rejected")
        await pilot.press("enter")
        await until(pilot, lambda: not screen.images.ids)
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, BlindStartScreen))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BlindScreen))
        view = app.screen.query_one(PictureView)
        await until(pilot, lambda: view.drawing is not None)
        assert not any((dataset.root / item.file).exists() for item in session.items)
