"""Keys wait until a text field has handled the key before them."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from textual.app import App
from textual.events import Key
from textual.message_pump import MessagePump
from textual.widget import Widget

_LONGEST = 0.5
"""Seconds until keys are no longer held: a field that was removed passes nothing on."""


class HeldKeys:
    """Holds keys back while a field is busy with a key that may leave it, such as enter.

    Textual sends a key to the widget that has the focus when the key arrives. Over a slow line
    several keys arrive together, and those after enter would be typed into the field, too.
    """

    def __init__(self, app: App[Any], handle: Callable[[Key], Awaitable[None]]) -> None:
        self._app = app
        self._handle = handle
        self._keys: deque[Key] = deque()
        self._latest = 0
        """The number of the latest wait."""
        self._waiting = False

    def hold(self, key: Key) -> bool:
        """Keep ``key`` for later; False if nothing is waited for."""
        if self._waiting:
            self._keys.append(key)
        return self._waiting

    def wait_for(self, field: Widget) -> None:
        """Hold all keys until ``field`` and its parents have handled the messages they have now."""
        self._waiting = True
        self._latest += 1
        nodes: list[MessagePump] = list(field.ancestors_with_self)
        # Twice in each queue: handling the first message there may add another one.
        twice = [node for node in nodes for _ in range(2)]
        field.call_later(partial(self._pass_on, twice, self._latest))
        self._app.set_timer(_LONGEST, partial(self._release, self._latest))

    async def _release(self, number: int) -> None:
        if not self._waiting or number != self._latest:
            return
        self._waiting = False
        while self._keys and not self._waiting:
            await self._handle(self._keys.popleft())

    async def _pass_on(self, nodes: Sequence[MessagePump], number: int) -> None:
        """Go through the queues of ``nodes``, one after the other."""
        if nodes:
            nodes[0].call_later(partial(self._pass_on, nodes[1:], number))
        else:
            await self._release(number)
