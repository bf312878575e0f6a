"""With other keys for every action, no screen names a usual one."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.places import PLACES
from support.review_datasets import add_finished_job, save_images
from support.review_pilot import make_duplicates
from support.usual_keys import other_keys, pressed, usual_keys_in
from support.visitor import Visitor

from xray_tui.tui.review.screen import ReviewScreen

IMAGES = 12
TYPED = {
    "ad-hoc prompt", "search in the manual", "filter of the prompts", "filter that finds nothing",
    "unsaved changes", "filter of the log", "filter", "wrong filter", "saving a filter",
    "deletion",
}  # fmt: skip
"""Places in which letters are typed, or answer a question: they are no keys of the keymap."""


@pytest.mark.parametrize("first", ["workbench", "review"])
@pytest.mark.slow
async def test_every_screen_names_the_chosen_keys(
    first: str, workbench: Any, tmp_path: Path
) -> None:
    chosen = other_keys()
    save_images(tmp_path / "dataset", IMAGES)
    make_duplicates(tmp_path / "dataset", (1, 2, 3), (4, 5))
    add_finished_job(tmp_path / "dataset")
    app = workbench(keys=chosen)
    app.dataset.queue.set_paused(True)
    named: dict[str, list[str]] = {}
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        if first == "review":
            await pilot.press(chosen["review"])
            await app.until(lambda: isinstance(app.screen, ReviewScreen))
            await app.shows(f"1/{IMAGES}")
        visitor = Visitor(app, pilot, partial(pressed, chosen=chosen))
        for name, place in PLACES[first].items():
            if name not in TYPED:
                await visitor.go(place)
                # A dialog cuts words of the screen below it.
                whole = re.sub(r"(?<=│) ?\w\b|\b\w ?(?=│)", "", app.text)
                found = [key for row in whole.splitlines() for key in usual_keys_in(row)]
                if found:
                    named[name] = [*found, app.text]
    assert not named, "\n".join(f"{keys[-1]}\n{name}: {keys[:-1]}" for name, keys in named.items())
