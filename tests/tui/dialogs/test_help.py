"""The help screen lists all declared keys."""

from __future__ import annotations

import pytest
from support.panes import PanesApp
from support.textual_internals import screen_text
from textual.containers import VerticalScroll

from xray_tui.key_names import key_names
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.dialogs.help import HelpScreen


class Host(PanesApp):
    """The help screen over the panes."""

    async def begin(self) -> None:
        await self.push_screen(HelpScreen(self.screen_stack[1]))

    @property
    def text(self) -> str:
        return screen_text(self.screen)


async def test_the_help_lists_every_declared_key_with_its_description() -> None:
    app = Host()
    async with app.run_test(size=(120, 120)):
        lines = app.text.splitlines()
        for owner, binding in described_bindings(app.screen_stack[1]):
            keys = key_names(binding.key)
            row = f"{keys} "
            assert any(row in line and binding.description in line for line in lines), binding
            assert owner.title in app.text
        assert "press g" in app.text


async def test_the_help_can_be_read_completely_in_80_by_24() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        scroll = app.screen.query_one(VerticalScroll)
        assert scroll.max_scroll_y > 0 and scroll.max_scroll_x == 0
        seen = app.text
        while scroll.scroll_y < scroll.max_scroll_y:
            before = scroll.scroll_y
            scroll.scroll_page_down(animate=False)
            await pilot.pause()
            assert scroll.scroll_y > before
            seen += app.text
        for owner, binding in described_bindings(app.screen_stack[1]):
            assert owner.title in seen and binding.description in seen


async def test_keys_scroll_and_close_the_help() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        panes, scroll = app.screen_stack[1], app.screen.query_one(VerticalScroll)
        await pilot.press("end")
        await pilot.pause(0.6)
        assert scroll.scroll_y == scroll.max_scroll_y
        for key in ("escape", "question_mark", "q"):
            assert isinstance(app.screen, HelpScreen)
            await pilot.press(key)
            assert app.screen is panes
            await app.push_screen(HelpScreen(panes))


@pytest.mark.parametrize(
    ("size", "theme"),
    [((80, 24), "reading-room"), ((120, 36), "daylight")],
)
def test_the_help_looks_right(snap_compare, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(Host(theme), terminal_size=size)
