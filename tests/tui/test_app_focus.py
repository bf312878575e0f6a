"""Keys act in an app whose terminal reports that it has no focus."""

from __future__ import annotations

from collections.abc import Callable

from support.workbench import Workbench
from textual import events
from textual.app import App
from textual.widgets import Input

from xray_tui.tui.dialogs.question import Choice, QuestionScreen


async def test_keys_act_if_the_terminal_had_no_focus_at_the_start(
    workbench: Callable[..., Workbench],
) -> None:
    """In tmux with focus-events, and no client attached, keys did nothing before tab."""
    app = workbench()
    app.set_reactive(App.app_focus, False)
    async with app.run_test(size=(120, 36)) as pilot:
        assert app.focused is None
        await pilot.press("down", "space")
        await app.until(lambda: "✓1" in app.text)


async def test_keys_act_in_a_dialog_that_opened_while_the_terminal_had_no_focus(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        app.post_message(events.AppBlur())
        await app.until(lambda: not app.app_focus)
        answers: list[str | None] = []
        app.push_screen(QuestionScreen("Sure?", "", [Choice("yes", "y", "Yes")]), answers.append)
        await pilot.pause()
        await pilot.press("enter")
        await app.until(lambda: answers == ["yes"])


async def test_a_paste_reaches_the_field_that_had_the_focus(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("slash")
        app.post_message(events.AppBlur())
        await app.until(lambda: app.focused is None)
        app.post_message(events.Paste("knee"))
        await app.until(lambda: isinstance(app.focused, Input) and app.focused.value == "knee")
