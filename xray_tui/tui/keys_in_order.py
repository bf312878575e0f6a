"""Keys that act one after the other, however fast they are typed."""

from __future__ import annotations

from textual import events


class KeysInOrder:
    """A screen on which a key has acted before the next one is looked at.

    Textual sends keys through the focused widget first: of keys that come together, those after one
    that moves the focus into a field would still be commands. In fields the keys are theirs.
    """

    def take_key(self, event: events.Key) -> bool:
        """Act on a key that has no binding; False where it means nothing."""
        return False

    def on_key(self, event: events.Key) -> None:
        """In an app that knows nothing of this, keys come through the widgets."""
        if self.take_key(event):
            event.stop()
