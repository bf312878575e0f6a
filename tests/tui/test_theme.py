"""Panes with jobs, images and messages are readable in both themes.

All screens, but without those, are in ``test_every_screen.py``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.contrast import faint_anywhere
from support.panes import PanesApp
from support.textual_internals import screen_rows

from xray_tui.generation.events import QueuePaused
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.theme import THEMES
from xray_tui.tui.workbench.queue_view import QueueView


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_panes_with_content_have_enough_contrast(theme: str, tmp_path: Path) -> None:
    app = PanesApp(theme)
    async with app.run_test(size=(160, 30)) as pilot:
        app.fill(tmp_path)
        for kind in (PromptList, ParameterForm, QueueView):  # the panes with a cursor
            app.pane(kind).focus()
            await pilot.pause()
            assert list(faint_anywhere(screen_rows(app.screen), app.current_theme)) == [], kind


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_a_paused_queue_says_so_readably_while_another_pane_has_the_focus(
    theme: str, tmp_path: Path
) -> None:
    app = PanesApp(theme)
    async with app.run_test(size=(160, 30)) as pilot:
        app.fill(tmp_path)
        queue = app.screen.query_one(QueueView)
        queue.apply(QueuePaused(True))
        app.pane(PromptList).focus()
        await pilot.pause()
        text = "\n".join(strip.text for strip in screen_rows(app.screen))
        assert "PAUSED all" in text and "Paused · P to resume" in text
        assert list(faint_anywhere(screen_rows(app.screen), app.current_theme)) == []
        queue.apply(QueuePaused(False))
        await pilot.pause()
        assert "PAUSED" not in "".join(strip.text for strip in screen_rows(app.screen))
