"""Keys that act in the order typed, however fast they are typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual import events
from textual.screen import Screen


def after_typed_keys(screen: Screen[Any], act: Callable[[], object]) -> None:
    """Call ``act`` after the focused field has handled the keys that were typed before.

    A binding with priority acts while they are still waiting in the field's queue.
    """
    (screen.focused or screen).call_later(act)


class KeysInOrder:
    """A screen on which each key acts before the next one is handled.

    Textual sends a key to the widget that has the focus when the key arrives. When several keys
    arrive together and the first one moves the focus into a text field, the others would not be
    typed into the field. Keys in a text field are handled by the field as usual.
    """

    def take_key_first(self, key: str) -> bool:
        """Act on a key before its binding would; False to leave it to the binding."""
        return False

    def take_key(self, event: events.Key) -> bool:
        """Act on a key that has no binding; False if the key has no meaning."""
        return False

    def on_key(self, event: events.Key) -> None:
        """Handle keys in an app that does not call :meth:`take_key`, after the widgets."""
        if self.take_key(event):
            event.stop()
