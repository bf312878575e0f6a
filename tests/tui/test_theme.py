"""Text is readable in both themes: it has enough contrast to its background."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.panes import PanesApp
from support.textual_internals import screen_rows
from textual.app import App
from textual.color import Color
from textual.geometry import Region

from xray_tui.generation.events import QueuePaused
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.theme import THEMES
from xray_tui.tui.workbench.queue_view import QueueView


def luminance(color: Color) -> float:
    """The relative luminance of WCAG 2."""
    parts = (part / 255 for part in color.rgb)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def faint(app: App[None], region: Region) -> Iterator[tuple[float, str]]:
    """Contrast and text of all segments in ``region`` that are hard to read."""
    for strip in screen_rows(app.screen)[region.y : region.bottom]:
        for segment in strip.crop(region.x, region.right):
            style = segment.style
            if segment.control or style is None or not any(map(str.isalnum, segment.text)):
                continue
            assert style.color is not None and style.bgcolor is not None
            colors = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if contrast(*colors) < 4.5:
                yield contrast(*colors), segment.text.strip()


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_all_text_has_enough_contrast(theme: str, tmp_path: Path) -> None:
    app = PanesApp(theme)
    async with app.run_test(size=(160, 30)) as pilot:
        app.fill(tmp_path)
        for kind in (PromptList, ParameterForm, QueueView):  # the panes with a cursor
            app.pane(kind).focus()
            await pilot.pause()
            assert list(faint(app, app.screen.region)) == [], kind
        choices = [Choice("a", "a", "one"), Choice("b", "b", "two")]
        for screen in (
            HelpScreen(app.screen),
            QuestionScreen("Title", "Text", choices),
            PromptEditScreen(None),
        ):
            app.push_screen(screen)
            await pilot.pause()
            assert list(faint(app, screen.children[0].region)) == [], screen
            app.pop_screen()
            await pilot.pause()


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
        assert list(faint(app, app.screen.region)) == []
        queue.apply(QueuePaused(False))
        await pilot.pause()
        assert "PAUSED" not in "".join(strip.text for strip in screen_rows(app.screen))
