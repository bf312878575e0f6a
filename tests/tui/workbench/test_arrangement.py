"""The panes at every size of the window."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region

from xray_tui.tui.workbench.arrangement import Arrangement

SIZES = [(80, 24), (100, 30), (120, 36), (200, 60)]


class Pane(Vertical):
    """An empty pane."""

    ALLOW_MAXIMIZE = True


class FivePanes(Arrangement):
    """An arrangement of panes."""

    def compose(self) -> ComposeResult:
        yield from self.arranged([Pane() for _ in range(5)])


async def test_a_maximised_pane_has_exactly_the_window() -> None:
    app = App[None]()
    async with app.run_test(size=SIZES[0]) as pilot:
        screen = FivePanes()
        await app.push_screen(screen)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            for pane in screen.query(Pane):
                screen.maximize(pane, container=False)
                await pilot.pause()
                assert pane.region == Region(0, 0, *size), pane
                screen.minimize()
