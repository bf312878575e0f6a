"""The help screen lists all declared keys, finds them by words, and runs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.panes import PanesApp
from support.textual_internals import screen_text
from textual.widgets import OptionList

from xray_tui.key_names import key_names
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.dialogs.help import HelpList, HelpScreen, HelpSearch
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_tree import PromptTree


class Host(PanesApp):
    """The help screen over the panes."""

    async def begin(self) -> None:
        self.screen_stack[1].query_one(PromptTree).focus()
        await self.push_screen(HelpScreen(self.screen_stack[1]))

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    @property
    def rows(self) -> list[str]:
        """The rows of the list, also those out of sight."""
        rows = self.screen.query_one(OptionList)
        return [str(option.prompt) for option in rows.options]


async def test_every_declared_key_is_listed_and_the_focused_pane_comes_first() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        for owner, binding in described_bindings(app.screen_stack[1]):
            if binding.id == "stars":
                continue
            row = f"{key_names(binding.key)} "
            assert any(r.startswith(row) and binding.description in r for r in app.rows), binding
            assert owner.title in app.rows
        options = app.screen.query_one(OptionList).options
        assert [str(option.prompt) for option in options if option.disabled] == [
            "Prompts",
            "Everywhere",
            "Parameters",
            "Preview",
            "Queue",
            "Log",
        ]
        assert "press g" not in app.text  # the introduction does not take rows here
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert "press g" in app.text
        await pilot.press("end")
        await pilot.pause()
        assert app.rows[-1] in app.text


async def test_a_key_of_the_list_closes_the_help_and_acts() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        panes = app.screen_stack[1]
        await pilot.press("w", "p")  # neither does anything in this pane
        assert isinstance(app.screen, HelpScreen)
        theme = app.theme
        await pilot.press("t")
        await pilot.pause()
        assert app.screen is panes and app.theme != theme
        await app.push_screen(HelpScreen(panes))
        await pilot.press("slash", *"invert")  # words for the search, not keys
        await pilot.pause()
        assert [row for row in app.rows if "nvert" in row] == app.rows[1:]
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is panes
        assert "inverted" in str(panes.query_one(Preview).border_title)


async def test_words_are_searched_in_keys_descriptions_and_names_of_panes() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        every = app.rows
        await pilot.press("slash")
        await pilot.pause()
        assert "words to search for" in app.text, "below a list that fills the screen"
        await pilot.press(*"queue pause")
        await pilot.pause()
        assert len(app.rows) == 2 and "Pause job" in app.rows[1]
        await pilot.press(*"xyz")
        await pilot.pause()
        assert app.rows == ["No key does that."]
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert app.rows == every and isinstance(app.focused, HelpList)
        assert not app.screen.query_one(HelpSearch).display


@pytest.mark.parametrize("key", ["escape", "question_mark", "q"])
async def test_keys_close_the_help(key: str) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "pagedown", key)
        assert app.screen is app.screen_stack[1]


@pytest.mark.parametrize(
    ("size", "theme"),
    [((80, 24), "reading-room"), ((120, 36), "daylight"), ((200, 60), "reading-room")],
)
def test_the_help_looks_right(
    snap_compare, size: tuple[int, int], theme: str, tmp_path: Path
) -> None:
    assert snap_compare(Host(theme), terminal_size=size)
