"""The dialog for one line of text."""

from __future__ import annotations

import pytest
from support.tui_samples import ThemedApp
from textual.widgets import OptionList

from xray_tui.tui.dialogs.entry import EntryScreen, Suggestion


class Host(ThemedApp):
    """Shows the dialog with as many suggestions as wanted."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._suggestions = [Suggestion(f"tag-{number}") for number in range(count)]

    def on_mount(self) -> None:
        hint = "Choose a reason, or type a tag of your own."
        self.push_screen(EntryScreen("Tag", hint, lambda _: "", suggestions=self._suggestions))


@pytest.mark.parametrize(("size", "count"), [((60, 15), 7), ((60, 15), 9), ((80, 24), 13)])
async def test_all_suggestions_are_seen_or_the_list_shows_that_it_scrolls(
    size: tuple[int, int], count: int
) -> None:
    app = Host(count)
    async with app.run_test(size=size):
        options, box = app.screen.query_one(OptionList), app.screen.query_one("#entry")
        assert options.region.bottom < box.region.bottom
        assert options.show_vertical_scrollbar is (options.region.height < count)
