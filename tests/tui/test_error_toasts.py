"""What a thread reads for a screen, and the errors it meets."""

from __future__ import annotations

import threading
from typing import Any

from textual.app import App

from xray_tui.tui.error_toasts import is_loading, load_in_background


async def test_only_the_newest_of_a_group_is_shown() -> None:
    """The list of the filter before could replace that of the filter just typed."""
    app, shown, older_may_end = App[None](), list[str](), threading.Event()

    def read_older() -> str:
        older_may_end.wait(20)
        return "older"

    async with app.run_test() as pilot:

        def load(work: Any, group: str) -> None:
            load_in_background(app.screen, work, shown.append, group)

        load(read_older, "list")
        await pilot.pause()
        load(lambda: "newer", "list")
        assert is_loading(app.screen, {"list"}) and not is_loading(app.screen, {"other"})
        while "newer" not in shown:
            await pilot.pause(0.01)
        older_may_end.set()
        await pilot.pause(0.1)
    assert shown == ["newer"]
