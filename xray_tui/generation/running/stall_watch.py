"""Notices when a step takes far longer than usual, and says so."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque
from collections.abc import Callable

from xray_tui.generation.events import Event, LogLine

TIMES_THE_USUAL = 20
LEAST_SECONDS = 10.0
"""A step shorter than this is no stall, however short the others are."""
_LOOK_SECONDS = 1.0
_REMEMBERED = 50


class StallWatch:
    """Watches steps from a thread of its own, within ``with``: :meth:`beat` tells of each one."""

    def __init__(self, emit: Callable[[Event], None], least_seconds: float = LEAST_SECONDS) -> None:
        self._emit = emit
        self._least = least_seconds
        self._steps: deque[float] = deque(maxlen=_REMEMBERED)
        self._since: float | None = None
        self._told = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall-watch", daemon=True)

    def __enter__(self) -> StallWatch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()

    def begin(self) -> None:
        """The first step of a batch begins, or the first after a pause."""
        self._since = time.monotonic()
        self._told = False

    def beat(self, seconds: float) -> None:
        """A step is done; it took ``seconds``. The next one begins."""
        self._steps.append(seconds)
        self.begin()

    def rest(self) -> None:
        """Nothing is expected now: the queue is paused, or a batch is decoded."""
        self._since = None

    def _watch(self) -> None:
        while not self._over.wait(min(_LOOK_SECONDS, self._least / 4)):
            since, steps = self._since, list(self._steps)
            if since is None or self._told or not steps:
                continue
            passed, usual = time.monotonic() - since, statistics.median(steps)
            if passed > max(TIMES_THE_USUAL * usual, self._least):
                self._told = True
                self._emit(
                    LogLine(
                        "warning",
                        f"a step has taken {passed:.0f} s, {passed / max(usual, 1e-3):.0f} times "
                        "the usual: the device may be busy or stuck; waiting, you can quit as ever",
                    )
                )
