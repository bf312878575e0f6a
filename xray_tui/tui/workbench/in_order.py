"""Work that must not be done in the UI thread, but in the order in which it was asked for."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from xray_tui.tui.workbench.stage import Stage


class InOrder:
    """Does work in threads of the worker ``group``, one piece after the other."""

    def __init__(self, stage: Stage, group: str) -> None:
        self._stage = stage
        self._group = group
        self._waiting: deque[Callable[[], object]] = deque()
        self._one_at_a_time = threading.Lock()

    def do(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread, after everything that was asked for earlier."""
        self._waiting.append(work)
        self._stage.in_thread(self._do_next, self._group)

    def _do_next(self) -> None:
        with self._one_at_a_time:  # the threads may get here in any order
            self._waiting.popleft()()
