"""The line of keys at the bottom."""

from __future__ import annotations

from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer


class KeyFooter(Footer):
    """Textual's footer, composed anew only where it would show other keys.

    Textual asks twice each time the focus changes, and the second one holds up what was asked for.
    """

    def __init__(self) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._keys: list[tuple[Binding, bool]] = []

    def bindings_changed(self, screen: Screen) -> None:
        """Show the keys that can be pressed now."""
        keys = [
            (active.binding, active.enabled)
            for active in screen.active_bindings.values()
            if active.binding.show
        ]
        if not self.app.app_focus:  # Textual composes nothing now, but tells again later
            keys = []
        elif keys == self._keys:
            return
        self._keys = keys
        super().bindings_changed(screen)
