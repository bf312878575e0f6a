"""Keys that arrive together, as over a slow line, act in order, also around text fields."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from support.review_datasets import save_images
from support.review_pilot import open_review
from textual.app import App
from textual.events import Key, Paste
from textual.screen import Screen
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.review.index import ReviewIndex
from xray_tui.dataset.review.purging import Purging, Rejected
from xray_tui.errors import DatasetError
from xray_tui.tui import held_keys
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.held_keys import HeldKeys
from xray_tui.tui.review.query.input import QueryInput
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review_app import ReviewApp
from xray_tui.tui.workbench.opening import OpeningScreen


def burst(app: App[Any], *keys: str) -> None:
    """Put keys into the app's queue, without a pause between them."""
    for key in keys:
        app.post_message(Key("slash" if key == "/" else key, key if len(key) == 1 else None))


async def test_keys_after_enter_reach_the_next_field(workbench: Any) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await app.wait_until_open(pilot)
        await pilot.press("tab")
        burst(app, "7", "enter", "down", "down", "2", "5", "enter")
        await app.until(lambda: app.workbench.form.overrides == {"count": 7, "steps": 25})


async def test_a_key_after_a_filter_acts_on_the_list(tmp_path: Path) -> None:
    save_images(tmp_path / "D", 5)
    async with open_review(tmp_path / "D") as anna:
        burst(anna.app, "/", *"seed<9", "enter", "l", "x")
        await anna.until(anna.opinions)
        assert anna.screen.query_one(QueryInput).value == "seed<9"
        ((number, opinion),) = anna.opinions().items()
        assert opinion.decision == "rejected" and number == anna.screen.images.ids[1]


class Restless(App[None]):
    """Always has something to do; notes the keys that it handles."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.spins = True
        self.held = HeldKeys(self, self.note)

    async def note(self, event: Key | Paste) -> None:
        assert isinstance(event, Key)
        self.keys.append(event.key)
        if event.key == "a":
            self.call_later(self.keys.append, "of a")

    def spin(self) -> None:
        if self.spins:
            asyncio.get_running_loop().call_soon(self.spin)


async def test_a_key_waits_for_what_the_key_before_set_in_motion() -> None:
    app = Restless()
    async with app.run_test() as pilot:
        for key in "ab":
            app.held.take(Key(key, key))
        await pilot.pause(0.1)
        assert app.keys == ["a", "of a", "b"]


async def test_keys_act_in_an_app_that_never_comes_to_rest() -> None:
    app = Restless()
    async with app.run_test():
        app.spin()
        for key in "abc":
            app.held.take(Key(key, key))
        async with asyncio.timeout(20):
            while app.keys[-1:] != ["c"]:
                await asyncio.sleep(0.01)
        app.spins = False


async def test_a_pasted_text_waits_for_the_keys_before_it(tmp_path: Path) -> None:
    save_images(tmp_path / "D", 1)
    async with open_review(tmp_path / "D") as anna:
        burst(anna.app, "N", "a")
        anna.app.post_message(Paste("bc"))
        burst(anna.app, "d")
        await anna.until(lambda: isinstance(anna.app.focused, Input))
        await anna.until(lambda: anna.app.focused.value == "abcd")


class Reading(Screen[None]):
    """A screen that reads something before keys mean anything."""

    is_reading = True


@pytest.mark.parametrize("opened", [Reading, lambda: OpeningScreen(Path("D"))])
async def test_a_key_waits_until_the_screen_has_read(opened: Any) -> None:
    """Keys typed before the review had read its list found no image, and were lost."""
    app = Restless()
    async with app.run_test() as pilot:
        app.spins = False
        screen = opened()
        await app.push_screen(screen)
        app.held.take(Key("b", "b"))
        await pilot.pause(0.2)
        assert app.keys == []
        screen.is_reading = False
        while not app.keys:
            await pilot.pause(0.02)
        assert app.keys == ["b"]


async def test_all_keys_together_wait_only_so_long_for_a_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(held_keys, "_LONGEST_READING", 0.2)
    app = Restless()
    async with app.run_test() as pilot:
        app.spins = False
        await app.push_screen(Reading())
        begin = time.monotonic()
        for key in "bbbbb":
            app.held.take(Key(key, key))
        while len(app.keys) < 5:
            await pilot.pause(0.02)
        assert 0.2 <= time.monotonic() - begin < 0.8


async def test_a_key_after_that_of_a_question_answers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It acted on the images, because a thread was still reading what the question says."""
    read = Purging.rejected

    def read_slowly(purging: Purging) -> Rejected:
        time.sleep(0.2)
        return read(purging)

    monkeypatch.setattr(Purging, "rejected", read_slowly)
    save_images(tmp_path / "D", 2)
    async with open_review(tmp_path / "D") as anna:
        await anna.press("x")
        burst(anna.app, "delete", "m")
        await anna.until(lambda: len(anna.screen.images.ids) == 1)


async def test_a_review_whose_images_cannot_be_read_takes_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_images(tmp_path / "D", 2)

    def fail(*_: object) -> None:
        raise DatasetError("no")

    monkeypatch.setattr(ReviewIndex, "find", fail)
    app = ReviewApp(Settings(), Dataset(tmp_path / "D").desk("anna"))
    async with app.run_test() as pilot:
        while not isinstance(app.screen, ReviewScreen) or app.screen.is_reading:
            await pilot.pause(0.02)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
