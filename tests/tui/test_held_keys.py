"""Keys that arrive together, as over a slow line, act in order, also around text fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.review_datasets import save_images
from support.review_pilot import open_review
from textual.app import App
from textual.events import Key

from xray_tui.tui.review.query.input import QueryInput


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
