"""The review of a dataset, driven by keys without a terminal."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from support.textual_internals import screen_text
from textual.pilot import Pilot
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.query.parsing import Query
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.textual_internals import notifications

_KEYS = (
    "enter",
    "escape",
    "space",
    "slash",
    "question_mark",
    "left",
    "right",
    "shift+right",
    "down",
    "tab",
    "shift+tab",
    "home",
    "f5",
    "ctrl+a",
    "ctrl+delete",
    "ctrl+u",
    "ctrl+s",
    "ctrl+r",
    "delete",
    "backspace",
)


class ReviewPilot:
    """Acts as the reviewer anna. Images are numbered 1, 2, … in the order of ``ids``."""

    def __init__(self, pilot: Pilot[None], dataset: Dataset) -> None:
        self._pilot = pilot
        self.app = pilot.app
        self.dataset = dataset
        self.desk = dataset.desk("anna")
        self.ids = list(self.desk.index.find(Query()))
        assert isinstance(self.app.screen, ReviewScreen)
        self.screen = self.app.screen

    @property
    def text(self) -> str:
        """The text on the screen."""
        return screen_text(self.app.screen)

    @property
    def toasts(self) -> str:
        """The toasts, one below the other."""
        return "\n".join(toast.message for toast in notifications(self.app))

    async def press(self, *keys: str) -> None:
        """Press keys; a text that is not the name of a key is typed into the focused field."""
        for key in keys:
            if len(key) == 1 or key in _KEYS:
                await self._pilot.press(key)
            else:
                assert isinstance(self.app.focused, Input)
                self.app.focused.insert_text_at_cursor(key)
        await self._pilot.pause()

    async def click_image(self, number: int) -> None:
        """Click the cell of an image in the gallery."""
        gallery = self.screen.views.gallery
        place = gallery._shape.region(number - 1)
        await self._pilot.click(gallery, offset=(place.x + 2, place.y + 2))

    async def zoom_in(self) -> None:
        """Zoom until only a part of the image is visible."""
        for _ in range(4):
            await self._pilot.press("plus")

    async def resize(self, columns: int, rows: int) -> None:
        """Resize the terminal."""
        await self._pilot.resize_terminal(columns, rows)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until ``condition`` holds, which may depend on work in other threads."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, f"timeout; the screen:\n{self.text}"
            await asyncio.sleep(0.02)
            await self._pilot.pause()

    async def shows(self, *texts: str) -> None:
        """Wait until all of ``texts`` are on the screen, or in a toast, which may break lines."""
        await self.until(lambda: all(text in f"{self.text}\n{self.toasts}" for text in texts))

    def opinions(self) -> dict[int, Opinion]:
        """Opinions by number of the image, without empty ones."""
        rows = self.desk.index.rows(self.ids)
        return {
            number: row.opinion for number, row in enumerate(rows, 1) if row.opinion != Opinion()
        }


@asynccontextmanager
async def open_review(
    root: Path,
    size: tuple[int, int] = (120, 36),
    before: Callable[[], object] | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[ReviewPilot]:
    """Open the review of the dataset in ``root``, and wait until it lists all images.

    ``before`` is called once the dataset has been opened and repaired, for example to damage files.
    """
    dataset = Dataset(root)
    try:
        if before is not None:
            before()
        settings = settings or Settings()
        app = ReviewApp(settings, dataset.desk("anna", hide_votes=settings.hide_votes))
        async with app.run_test(size=size, notifications=True) as pilot:
            reviewer = ReviewPilot(pilot, dataset)
            await reviewer.until(lambda: len(reviewer.screen.images.ids) == len(reviewer.ids))
            yield reviewer
    finally:
        dataset.close()


def make_duplicates(root: Path, *groups: tuple[int, ...]) -> None:
    """Make the images of each group near duplicates of each other, by their hashes."""
    with closing(sqlite3.connect(root / layout.CATALOG)) as connection, connection:
        for phash, group in enumerate(groups):
            connection.executemany(
                "UPDATE images SET phash = ? WHERE record_id = ?",
                [(f"{phash:x}" * 16, number) for number in group],
            )
