"""The message in a window that is too small fits into it, whatever its size."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.output import sparing_app
from xray_tui.tui.output.screen_output import ScreenOutput
from xray_tui.tui.output.small_window import SMALLEST, is_too_small, lines


@given(st.integers(1, 70), st.integers(1, 30))
def test_the_message_fits(width: int, height: int) -> None:
    placed = lines(Size(width, height))
    assert placed
    for number, (place, line) in enumerate(placed):
        assert place.x >= 0 and place.x + len(line) <= width
        assert place.y == placed[0][0].y + number
        assert 0 <= place.y < height


def test_it_says_how_much_room_is_needed() -> None:
    text = " ".join(line for _, line in lines(Size(40, 10)))
    assert text == (
        "This window has 40×10 characters; xray-tui needs 60×15. Enlarge it, or quit with q."
    )


def test_the_limits_are_those_that_it_names() -> None:
    assert not is_too_small(SMALLEST)
    assert is_too_small(Size(59, 60)) and is_too_small(Size(200, 14))


async def test_the_key_that_quits_throws_no_text_away(monkeypatch: pytest.MonkeyPatch) -> None:
    app, output, left = BaseApp(Settings()), ScreenOutput(lambda _: None), Mock()
    monkeypatch.setattr(sparing_app, "output_of", lambda _: output)
    monkeypatch.setattr(sparing_app, "may_display", lambda *_: True)
    monkeypatch.setattr(sparing_app, "lines", Mock(side_effect=lines))
    monkeypatch.setattr(app, "exit", left)
    async with app.run_test(size=(50, 12)) as pilot:
        await app.push_screen(EntryScreen("Note", "", lambda _: "", text="old"))
        app.screen.query_one(Input).value = "new"
        await pilot.press("q")
        await pilot.pause()
        text = " ".join(line for _, line in lines(*sparing_app.lines.call_args.args))
        assert text == ("The text is not saved. Enlarge the window to 60×15 first, then quit.")
        left.assert_not_called()
        app.screen.query_one(Input).value = "old"
        await pilot.press("q")
        left.assert_called_once()
