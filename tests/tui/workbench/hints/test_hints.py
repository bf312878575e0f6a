"""Hints on an empty dataset, gone for good after the first accepted image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.workbench import Workbench

from xray_tui.tui.session.memory import Memory
from xray_tui.tui.workbench.hints.line import Facts, HintLine, hint_for

MARK = "Hint 1 of 3 · Choose a prompt with ↑ and ↓, and mark it with space."
GENERATE = "Hint 2 of 3 · Press g: images of the marked prompts are generated."
WAIT = "Hint 2 of 3 · The first image takes a moment; it appears in the preview."
REVIEW = "Hint 3 of 3 · Press F2 to review: p accepts an image, x rejects it."


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        (Facts(0, jobs=False, images=0), MARK),
        (Facts(1, jobs=False, images=0), GENERATE),
        (Facts(0, jobs=True, images=0), WAIT),
        (Facts(0, jobs=True, images=1), REVIEW),
        (Facts(2, jobs=False, images=3), REVIEW),
    ],
)
def test_the_hint_is_the_next_step(facts: Facts, hint: str) -> None:
    assert hint_for(facts) == hint
    assert len(hint) <= 78, "it fits the smallest terminal"


async def test_the_hints_lead_to_the_first_accepted_image(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = workbench(memory=Memory(tmp_path / "dataset"))
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows(MARK)
        await pilot.press("space")
        await app.shows(GENERATE)
        await pilot.press("g")
        await app.shows(REVIEW)
        app.exit()
    app.memory.finish()
    app = workbench(memory=Memory(tmp_path / "dataset"))  # the next start
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows(REVIEW)
        app.workbench.preview.focus()
        await pilot.press("p")
        await app.until(lambda: "Hint" not in app.text)
        assert not app.workbench.query_one(HintLine).display
        app.exit()
    app.memory.finish()
    assert Memory(tmp_path / "another").user.hints_done, "never again, on any dataset"


async def test_a_user_who_knows_them_and_a_dataset_with_images_get_no_hints(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = workbench(memory=Memory(tmp_path / "dataset"))
    app.memory.remember_for_user(hints_done=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.until(lambda: app.workbench.library.totals)
        await pilot.pause(0.4)
        assert not app.workbench.query_one(HintLine).display
    app.memory.reset()
    assert app.memory.user.hints_done


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in [(120, 36), (200, 60)])],
)
def test_looks(workbench: Callable[..., Workbench], snap_compare: Any, size: Any) -> None:
    app = workbench(memory=Memory())

    async def wait(pilot: Any) -> None:
        await app.wait_until_open(pilot)
        app.workbench.query_one("LogView").display = False  # it shows the time and the path
        await pilot.press("space")
        await app.shows(GENERATE)
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=size, run_before=wait)
