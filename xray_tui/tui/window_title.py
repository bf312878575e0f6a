"""The title of the terminal's window: the app, the dataset, and how far the jobs are."""

from __future__ import annotations

import time
from typing import Any

from textual.app import App
from textual.timer import Timer

from xray_tui.text import clean
from xray_tui.tui.terminal_driver import GuardedDriver
from xray_tui.tui.textual_internals import driver_of

_NAME = "xray-tui"
_SECONDS = 1.0
"""Between two titles; some window managers redraw their task bar at each change."""
_LONGEST = 40
"""Characters of the dataset's name."""


class WindowTitle:
    """Changes the title of the window at most once a second; the last title always arrives."""

    def __init__(self, app: App[Any], dataset: str) -> None:
        self._app = app
        name = clean(dataset)
        self._dataset = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
        self._wanted = self._shown = ""
        self._at = 0.0
        self._timer: Timer | None = None

    def show(self, progress: str = "") -> None:
        """Show ``progress`` after the name of the dataset, such as ``4/12``."""
        self._wanted = " · ".join(part for part in (_NAME, self._dataset, progress) if part)
        left = self._at + _SECONDS - time.monotonic()
        if self._timer is None and left <= 0:
            self._send()
        elif self._timer is None and self._wanted != self._shown:
            self._timer = self._app.set_timer(left, self._send)

    def _send(self) -> None:
        self._timer = None
        driver = driver_of(self._app)
        if self._wanted != self._shown and isinstance(driver, GuardedDriver):
            self._shown, self._at = self._wanted, time.monotonic()
            driver.show_title(self._wanted)
