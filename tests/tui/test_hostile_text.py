"""Control characters typed or pasted into a field never reach the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.panes import PanesApp
from support.textual_internals import screen_rows
from support.tui_samples import HOSTILE, ThemedApp, a_library, assert_harmless
from textual.app import ComposeResult
from textual.events import Paste
from textual.widgets import Input, TextArea

from xray_tui.text import clean, one_line
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.widgets.clean_input import CleanInput, CleanTextArea

PASTED = f"{HOSTILE}\r\nsecond line\x85\u2028"


class Editor(ThemedApp):
    """The prompt editor."""

    def on_mount(self) -> None:
        self.push_screen(PromptEditScreen(None, a_library()))


@pytest.mark.parametrize("host", [PanesApp, Editor])
async def test_text_pasted_into_any_field_is_harmless(
    host: type[ThemedApp], tmp_path: Path
) -> None:
    app = host()
    async with app.run_test(size=(200, 60)) as pilot:
        if isinstance(app, PanesApp):
            app.fill(tmp_path)
        fields = [field for kind in (Input, TextArea) for field in app.screen.query(kind)]
        assert len(fields) >= 10
        for field in fields:
            assert isinstance(field, CleanInput | CleanTextArea), field
            field.display = True
            field.focus()
            field.post_message(Paste(PASTED))
        await pilot.pause()
        await pilot.pause()
        assert_harmless(app)
        assert any("␡" in strip.text for strip in screen_rows(app.screen))


class Fields(ThemedApp):
    """Both kinds of field."""

    def compose(self) -> ComposeResult:
        yield CleanInput()
        yield CleanTextArea()


async def test_any_text_set_or_pasted_is_clean() -> None:
    app = Fields()
    async with app.run_test() as pilot:
        line, area = app.query_one(CleanInput), app.query_one(CleanTextArea)

        @settings(max_examples=100)
        @given(st.text())
        def set_and_paste(text: str) -> None:
            line.value = text
            assert line.value == clean(one_line(text))
            line.value = "ab"
            line.replace(text, 1, 1)
            assert line.value == f"a{clean(one_line(text))}b"

        set_and_paste()
        for pasted in ("one\rtwo\r", "\none\n\ntwo", "one\r\n  two\r\n"):
            for field in (line, area):
                field.clear()
                field.focus()
                app.post_message(Paste(pasted))
                await pilot.pause()
            assert line.value == "one two"
            assert [text.strip() for text in area.text.split("\n") if text] == ["one", "two"]
        area.post_message(Paste(PASTED))
        await pilot.pause()
        assert area.text == clean(area.text, keep_newlines=True)
        assert_harmless(app)
