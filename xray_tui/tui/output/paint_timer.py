"""When a screen is painted: at rest, so that all effects of a key appear in one frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from xray_tui.tui.output.rest import rest

_MOST_ROUNDS = 50
"""Rounds of the event loop that a frame waits at most."""
_PERIOD = 1 / 60


class PaintTimer:
    """Calls ``paint`` soon after :meth:`resume`, at most 60 times a second.

    Textual's own paints at once and then not for up to two periods. The first of the changes that
    a key causes would be painted alone, and the others, such as a picture, 30 ms later.
    """

    def __init__(self, paint: Callable[[], None]) -> None:
        self._paint = paint
        self._wanted = False
        self._task: asyncio.Task[None] | None = None
        self._earliest = 0.0

    def resume(self) -> None:
        """Paint as soon as possible."""
        self._wanted = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def pause(self) -> None:
        """Do not paint until the next call of :meth:`resume`."""
        self._wanted = False

    async def _run(self) -> None:
        while self._wanted:
            await asyncio.sleep(self._earliest - time.monotonic())
            await rest(_MOST_ROUNDS)
            self._earliest = time.monotonic() + _PERIOD
            if self._wanted:
                self._paint()
        self._task = None
