"""Keys typed ahead, also over screens that open and close, do the same as keys typed slowly."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from support.key_bytes import key_bytes
from support.places import PLACES
from support.review_datasets import add_finished_job, save_images
from support.review_pilot import make_duplicates
from support.workbench import Workbench
from textual.css.query import NoMatches
from textual.screen import ModalScreen

from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.textual_internals import TokenParser

IMAGES = 12
TYPED = ("s", "a", "tab", "k", "enter", "h", "escape", "l", "i")
"""Keys after those that open a place: letters, and keys that leave a field or a dialog."""
QUICK = {"tag"}
"""The place of the default test: a dialog of the review."""
SLOWLY_DIFFERENT = {
    "filter", "wrong filter", "saving a filter",  # applied when typing pauses; escape returns to it
    "blind reading",  # escape stops the search for images, if it still runs
    "ad-hoc prompt",  # a job runs, and shows how far it is
}  # fmt: skip
"""Places where the result depends on time."""
PAUSE = 0.1
"""Seconds between two looks at the app."""
LAST_PAUSE = 0.6
"""As ``PAUSE``, after the last key: decisions are counted 0.3 seconds after the last of them."""
STATE = ("value", "text", "highlighted", "cursor_line", "current", "index")
"""Attributes of widgets that keys change."""


def _places() -> list[Any]:
    return [
        pytest.param(first, name, id=name, marks=() if name in QUICK else pytest.mark.slow)
        for first, places in PLACES.items()
        for name in places
        if name not in SLOWLY_DIFFERENT
    ]


@pytest.mark.parametrize(("first", "name"), _places())
async def test_keys_in_one_burst_do_what_slow_keys_do(
    first: str, name: str, tmp_path: Path
) -> None:
    place = PLACES[first][name]
    keys = (*place.keys, *place.last, *TYPED)
    slow = await _after(tmp_path / "folder", first, keys, together=False)
    fast = await _after(tmp_path / "folder", first, keys, together=True)
    assert fast == slow


async def _after(folder: Path, first: str, keys: tuple[str, ...], *, together: bool) -> Any:
    """The state of the app once ``keys`` have acted; they arrive in one read, or one by one."""
    shutil.rmtree(folder, ignore_errors=True)  # the same path again: it is on the screen
    app = Workbench(folder)
    save_images(app.dataset.root, IMAGES)
    make_duplicates(app.dataset.root, (1, 2, 3), (4, 5))
    add_finished_job(app.dataset.root)
    parser = TokenParser()
    try:
        async with app.run_test(size=(120, 36)) as pilot:
            if first == "review":
                await pilot.press("f2")
                await app.until(lambda: isinstance(app.screen, ReviewScreen))
                await app.shows(f"1/{IMAGES}")
            await _settled(app)
            for key in keys:
                for message in parser.parse(key_bytes(key).decode()):
                    app.post_message(message)
                if not together:
                    await _settled(app)
            await _settled(app, LAST_PAUSE)
            return _state(app)
    finally:
        app.finish()


async def _settled(app: Workbench, pause: float = PAUSE) -> None:
    """Wait until all keys have acted and the app has been the same for ``pause`` seconds."""
    await asyncio.sleep(0)
    before = None
    while app._held_keys._resting or before != (before := _state(app)):
        await asyncio.sleep(pause)


def _state(app: Workbench) -> dict[str, Any]:
    if not app.screen_stack:  # a key ended the app
        return {}
    widgets = [
        (type(widget).__name__, widget.id, {name: _plain(widget, name) for name in STATE})
        for screen in app.screen_stack
        for widget in screen.query("*")
    ]
    covered = isinstance(app.screen, ModalScreen)  # what lies below is painted later, or not at all
    return {
        "screens": [type(screen).__name__ for screen in app.screen_stack],
        "focus": app.focused and (type(app.focused).__name__, app.focused.id),
        "widgets": [widget for widget in widgets if any(widget[2].values())],
        "text": "" if covered else re.sub(r"\d\d:\d\d:\d\d", "", app.text),
    }


def _plain(widget: Any, name: str) -> Any:
    with suppress(NoMatches):  # the widget has no parts yet
        value = getattr(widget, name, None)
        return value if isinstance(value, str | int) else None
    return None
