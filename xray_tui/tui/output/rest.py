"""Waits until the app is at rest."""

from __future__ import annotations

import asyncio
from typing import Any

from xray_tui.tui.textual_internals import ready_callbacks

_waiting: set[asyncio.Task[Any] | None] = set()


async def rest(most_rounds: int) -> None:
    """Wait until nothing is left to do but to wait for time, a thread or the terminal.

    An app that never comes to rest is waited for during this number of rounds of the event loop.
    They are counted instead of seconds, because a slow machine needs as many as a fast one.
    """
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    _waiting.add(task)
    try:
        for _ in range(most_rounds):
            await asyncio.sleep(0)
            if ready_callbacks(loop) < len(_waiting):  # those of the others that wait here
                return
    finally:
        _waiting.discard(task)
