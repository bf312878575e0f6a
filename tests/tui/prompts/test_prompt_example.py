"""The example of the highlighted prompt, below the prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.workbench import Workbench

from xray_tui.tui.prompts.prompt_example import PromptExample


@pytest.mark.parametrize(
    "other",
    [(60, 20), *(pytest.param(size, marks=pytest.mark.slow) for size in [(100, 20), (70, 32)])],
)
async def test_it_is_the_same_after_the_window_had_another_size(
    tmp_path: Path, other: tuple[int, int]
) -> None:
    """A scroll bar that was needed meanwhile made the text longer, so it stayed."""
    app = Workbench(tmp_path)
    async with app.run_test(size=(100, 32)) as pilot:
        await pilot.pause(0.3)
        example = app.screen.query_one(PromptExample)
        lines = example.virtual_size.height
        assert not example.show_vertical_scrollbar and lines > 3
        for size in (other, (100, 32)):
            await pilot.resize_terminal(*size)
            await pilot.pause(0.3)
        assert not example.show_vertical_scrollbar
        assert example.virtual_size.height == lines


@pytest.mark.slow
async def test_it_is_the_same_after_sizes_that_the_window_had_below_the_review(
    tmp_path: Path,
) -> None:
    app = Workbench(tmp_path)
    async with app.run_test(size=(100, 32)) as pilot:
        await pilot.pause(0.3)
        example = app.screen.query_one(PromptExample)
        lines = example.virtual_size.height
        await pilot.press("f2")
        await pilot.pause(0.3)
        assert example.screen is not app.screen
        for size in ((60, 20), (120, 16), (100, 32)):
            await pilot.resize_terminal(*size)
        await pilot.press("f2")
        await pilot.pause(0.5)
        assert example.screen is app.screen
        assert not example.show_vertical_scrollbar
        assert example.virtual_size.height == lines
