"""Notices when a step takes far longer than usual, and logs a warning."""

from __future__ import annotations

import statistics
import threading
import time
from collections import deque

from xray_tui.generation.events import Emit, LogLine

TIMES_THE_USUAL = 20
"""A step is a stall if it takes this many times the median of the recent steps."""
LEAST_SECONDS = 10.0
"""A step shorter than this is not a stall, however short the others are."""
_LOOK_SECONDS = 1.0
_REMEMBERED = 50


class StallWatch:
    """Times the steps of a job within ``with``, and warns once for each step that stalls.

    The thread that samples calls ``begin``, ``beat`` and ``rest``; a second thread watches the
    clock. One lock guards the fields that they share.
    """

    def __init__(self, emit: Emit, least_seconds: float = LEAST_SECONDS) -> None:
        self._emit = emit
        self._least = least_seconds
        self._lock = threading.Lock()
        self._steps: deque[float] = deque(maxlen=_REMEMBERED)
        self._since: float | None = None
        """When the current step began; None if no step runs, or its warning was already logged."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="stall-watch", daemon=True)

    def __enter__(self) -> StallWatch:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()

    def begin(self) -> None:
        """Note that the first step of a batch begins, or the first after a pause."""
        with self._lock:
            self._since = time.monotonic()

    def beat(self, seconds: float) -> None:
        """Note that a step is done and took ``seconds``, and that the next one begins."""
        with self._lock:
            self._steps.append(seconds)
            self._since = time.monotonic()

    def rest(self) -> None:
        """Note that no step is running: the queue is paused, or a batch is being decoded."""
        with self._lock:
            self._since = None

    def _watch(self) -> None:
        while not self._over.wait(min(_LOOK_SECONDS, self._least / 4)):
            stalled = self._stalled()
            if stalled is not None:
                passed, times = stalled
                self._emit(
                    LogLine(
                        "warning",
                        f"A step has taken {passed:.0f} s, {times:.0f} times as long as usual: the "
                        "device may be busy or stuck; still waiting, you can quit at any time",
                    )
                )

    def _stalled(self) -> tuple[float, float] | None:
        """The seconds of a stalled step, and its multiple of the usual time; None if none stalls.

        Each stall is returned once.
        """
        with self._lock:
            if self._since is None or not self._steps:
                return None
            passed, usual = time.monotonic() - self._since, statistics.median(self._steps)
            if passed <= max(TIMES_THE_USUAL * usual, self._least):
                return None
            self._since = None
        return passed, passed / max(usual, 1e-3)
