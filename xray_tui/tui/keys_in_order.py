"""Screens that act on keys themselves, before or after their bindings."""

from __future__ import annotations

from textual import events


class KeysInOrder:
    """A screen that may act on a key before its bindings, or on one that has no binding.

    Bindings act without a detour through the focused widget and its parents. Keys in a text field
    are handled by the field as usual.
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
