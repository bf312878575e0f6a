"""The empty frames that are painted first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless

from xray_tui.tui.workbench.opening import TITLES, OpeningScreen
from xray_tui.tui.workbench.screen import PANES


class Opening(ThemedApp):
    """An app that shows only the frames."""

    def __init__(self, dataset: str = "/home/ada/xrays", theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._dataset = dataset

    def on_mount(self) -> None:
        self.push_screen(OpeningScreen(Path(self._dataset)))


def test_the_frames_have_the_titles_of_the_panes() -> None:
    assert tuple(pane.HELP_TITLE for pane in PANES) == TITLES


async def test_a_hostile_folder_name_is_shown_harmlessly() -> None:
    app = Opening(HOSTILE)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert_harmless(app)


@pytest.mark.parametrize("theme", ["reading-room", "daylight"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
def test_the_opening_looks_right(snap_compare: Any, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(Opening(theme=theme), terminal_size=size)
