"""Every screen and dialog can be read: contrast in both themes, characters that fonts have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.contrast import faint_anywhere
from support.glyphs import COMMON_GLYPHS
from support.places import PLACES
from support.rendered import painted
from support.review_datasets import add_finished_job, save_images
from support.review_pilot import make_duplicates
from support.visitor import Visitor

from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.theme import THEMES

IMAGES = 12


READING_ROOM, DAYLIGHT = (theme.name for theme in THEMES)


@pytest.mark.parametrize(
    ("first", "theme"),
    [
        ("workbench", READING_ROOM),
        pytest.param("review", DAYLIGHT, marks=pytest.mark.slow),
        pytest.param("workbench", DAYLIGHT, marks=pytest.mark.slow),
        pytest.param("review", READING_ROOM, marks=pytest.mark.slow),
    ],
)
async def test_every_screen_can_be_read(
    first: str, theme: str, workbench: Any, tmp_path: Path
) -> None:
    save_images(tmp_path / "dataset", IMAGES)
    make_duplicates(tmp_path / "dataset", (1, 2, 3), (4, 5))
    add_finished_job(tmp_path / "dataset")
    app = workbench(theme=theme)
    unreadable: dict[str, str] = {}
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        if first == "review":
            await pilot.press("f2")
            await app.until(lambda: isinstance(app.screen, ReviewScreen))
            await app.shows(f"1/{IMAGES}")
        visitor = Visitor(app, pilot)
        for name, place in PLACES[first].items():
            await visitor.go(place)
            for text in faint_anywhere(painted(app.screen), app.current_theme):
                unreadable.setdefault(text, name)
            for char in {char for row in painted(app.screen) for char in row.text} - COMMON_GLYPHS:
                unreadable.setdefault(f"few fonts have {char!r}", name)
    assert not unreadable, "\n".join(f"{name}: {text}" for text, name in unreadable.items())
