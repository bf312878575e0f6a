"""A catalog that fails during a review: keys show an error, and none of them ends the app."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.review_datasets import save_images
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from xray_tui.config import Settings
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.review.index import ReviewIndex
from xray_tui.errors import CatalogDamagedError
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.textual_internals import notifications

IMAGES = 6
KEYS = "p x 3 space z Z enter right c right escape c c v V N T R D X B S d d f5"
"""Each key reads the catalog or writes to it."""


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    save_images(tmp_path / "images", IMAGES)
    opened = Dataset(tmp_path / "images")
    yield opened
    opened.close()


@pytest.fixture
def break_catalog(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Makes every read of the catalog fail from now on."""

    def fail(*_: object, **__: object) -> None:
        raise CatalogDamagedError("it is damaged \x1b[31m")

    def break_reads() -> None:
        monkeypatch.setattr(Database, "read", fail)

    return break_reads


async def settled(pilot: Pilot[None]) -> None:
    """Wait for work in other threads."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def toasts(app: App[Any]) -> set[str]:
    return {notification.message for notification in notifications(app)}


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("", id="gallery"),
        pytest.param("enter", id="loupe", marks=pytest.mark.slow),
        pytest.param("c", id="compare", marks=pytest.mark.slow),
    ],
)
async def test_every_key_shows_the_error(
    dataset: Dataset, break_catalog: Callable[[], None], first: str
) -> None:
    app = ReviewApp(Settings(), dataset.desk("ann"))
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(pilot)
        await pilot.press(*first.split())
        break_catalog()
        for key in KEYS.split():
            await pilot.press(key)
            await settled(pilot)
        assert isinstance(app.screen, ReviewScreen)
        assert toasts(app) >= {"it is damaged ␛[31m"}


async def test_results_that_arrive_after_the_screen_was_closed_are_ignored(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, released = ReviewIndex.find, threading.Event()

    def find_late(*arguments: Any) -> Any:
        released.wait(10)
        return find(*arguments)

    monkeypatch.setattr(ReviewIndex, "find", find_late)
    app: App[None] = App()
    async with app.run_test() as pilot:
        screen = ReviewScreen(dataset.desk("ann"), Settings())
        await app.push_screen(screen)
        await pilot.pause()
        app.call_later(released.set)
        screen.dismiss()
        await pilot.pause(0.1)
        assert type(app.screen) is Screen
