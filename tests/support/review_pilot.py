"""The review over a dataset, driven by keys without a terminal."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.query.parsing import Query
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review_app import ReviewApp

_KEYS = (
    "enter",
    "escape",
    "space",
    "slash",
    "question_mark",
    "left",
    "right",
    "down",
    "tab",
    "f5",
    "ctrl+u",
    "ctrl+s",
    "ctrl+r",
)


class Sitting:
    """A reviewer named anna before the screen. Images have the numbers 1, 2, … in all lists."""

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
        """What is to be seen."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def said(self) -> str:
        """The toasts, one below the other."""
        return "\n".join(told.message for told in self.app._notifications)

    async def press(self, *keys: str) -> None:
        """Press keys; a text of several letters that names no key is put in where one types."""
        for key in keys:
            if len(key) == 1 or key in _KEYS:
                await self._pilot.press(key)
            else:
                assert isinstance(self.app.focused, Input)
                self.app.focused.insert_text_at_cursor(key)
        await self._pilot.pause()

    async def zoom_in(self) -> None:
        """See a part of the picture only."""
        for _ in range(4):
            await self._pilot.press("plus")

    async def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        await self._pilot.resize_terminal(columns, rows)

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait for what is done in other threads."""
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, f"it did not come\n{self.text}"
            await asyncio.sleep(0.02)
            await self._pilot.pause()

    async def shows(self, *texts: str) -> None:
        """Wait until all of ``texts`` are to be seen."""
        await self.until(lambda: all(text in self.text for text in texts))

    def opinions(self) -> dict[int, Opinion]:
        """By number; those that say something."""
        rows = self.desk.index.rows(self.ids)
        return {
            number: row.opinion for number, row in enumerate(rows, 1) if row.opinion != Opinion()
        }


@asynccontextmanager
async def sitting(
    root: Path, size: tuple[int, int] = (120, 36), before: Callable[[], object] | None = None
) -> AsyncIterator[Sitting]:
    """The review of the dataset in ``root``, with all images shown.

    ``before`` is done to the files when the dataset was opened, which mends what it can.
    """
    dataset = Dataset(root)
    try:
        if before is not None:
            before()
        app = ReviewApp(Settings(), dataset.desk("anna"))
        async with app.run_test(size=size, notifications=True) as pilot:
            one = Sitting(pilot, dataset)
            await one.until(lambda: len(one.screen.images.ids) == len(one.ids))
            yield one
    finally:
        dataset.close()


def make_alike(root: Path, *groups: tuple[int, ...]) -> None:
    """Let the images of these numbers be near duplicates of each other."""
    with closing(sqlite3.connect(root / layout.CATALOG)) as connection, connection:
        for phash, group in enumerate(groups):
            connection.executemany(
                "UPDATE images SET phash = ? WHERE record_id = ?",
                [(f"{phash:x}" * 16, number) for number in group],
            )
