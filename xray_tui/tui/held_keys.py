"""A key acts when everything that was set in motion before it is done."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, runtime_checkable

from textual.app import App
from textual.events import Key, Paste

from xray_tui.tui.output.rest import rest

_MOST_ROUNDS = 500
"""Rounds of the event loop that a key waits at most; the slowest screen needs about 50 to open."""
_LONGEST_READING = 5.0
"""Seconds that keys wait at most for a screen that is reading."""
_SOON = 0.02
"""Seconds after which it is looked again whether the screen is still reading."""
_ARROWS = ("up", "down", "left", "right")


@runtime_checkable
class TakesKeys(Protocol):
    """A screen that may act on a key before anything else does."""

    def take_key_first(self, key: str) -> bool:
        """Act on ``key``, unless a text field has the focus; False to leave it to the bindings."""


@runtime_checkable
class Reads(Protocol):
    """A screen that reads in a thread what the next key is meant for."""

    @property
    def is_reading(self) -> bool:
        """Whether it is still reading."""


class HeldKeys:
    """Passes keys and pasted texts to ``handle`` in the order typed, each when the app is at rest.

    Textual sends a key to the widget that has the focus when the key arrives. Over a slow line
    several keys arrive together, and each may move the focus, open a screen or close one. All of
    that takes several messages, and a screen its time to be mounted. A key waits for it: until
    nothing is left to do but to wait for time, a thread or the terminal, and until the screen has
    read what it shows: users type before the first image is there. Only an arrow key that repeats
    does not wait: it opens nothing, and each step would be painted.
    """

    def __init__(self, app: App[Any], handle: Callable[[Key | Paste], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._held: deque[Key | Paste] = deque()
        self._resting: asyncio.Task[None] | None = None
        """Ends when the next key may act; None if no key waits."""
        self._reading_since: float | None = None
        """When keys began to wait for a screen; the limit is for all of them together."""

    def take(self, event: Key | Paste) -> None:
        """Handle ``event`` after those that arrived before it."""
        self._held.append(event)
        if self._resting is None:
            self._resting = asyncio.create_task(self._rest())

    async def _rest(self) -> None:
        await rest(_MOST_ROUNDS)
        while self._waits_for_screen():
            await asyncio.sleep(_SOON)
            await rest(_MOST_ROUNDS)
        self._app.call_later(self._handle_next)

    def _waits_for_screen(self) -> bool:
        top = self._app.screen_stack[-1:]  # none is left when the app ends
        if not any(isinstance(screen, Reads) and screen.is_reading for screen in top):
            self._reading_since = None
            return False
        now = time.monotonic()
        self._reading_since = self._reading_since or now
        return now - self._reading_since < _LONGEST_READING

    async def _handle_next(self) -> None:
        """Runs in the app's own queue, as if the key arrived now."""
        try:
            event = self._held.popleft()
            await self._handle(event)
            while self._held and _repeats(self._held[0], event):
                await self._handle(self._held.popleft())
        finally:
            self._resting = asyncio.create_task(self._rest()) if self._held else None


def _repeats(event: Key | Paste, before: Key | Paste) -> bool:
    if not isinstance(event, Key) or not isinstance(before, Key):
        return False
    return event.key in _ARROWS and event.key == before.key
