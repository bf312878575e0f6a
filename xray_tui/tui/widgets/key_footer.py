"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer

from xray_tui.tui.textual_internals import footer_action


class KeyFooter(Footer):
    """A footer that is rebuilt only when its keys change, and that is never cut off.

    Textual rebuilds its footer twice when the focus changes, which delays the response to a key.
    If the terminal is too narrow, the keys of the actions ``drop_order`` are left out, in this
    order.
    """

    def __init__(self, drop_order: Sequence[str]) -> None:
        super().__init__(compact=True, show_command_palette=False)
        self._drop_order = drop_order
        self._keys: list[tuple[Binding, bool]] = []
        self._left_out: set[str] = set()

    def compose(self) -> ComposeResult:
        self._left_out = self._surplus()
        for widget in super().compose():
            if footer_action(widget) not in self._left_out:
                yield widget

    def on_resize(self, event: events.Resize) -> None:
        """Show more keys, or fewer, if the new width requires it."""
        if self._surplus() != self._left_out:
            self.refresh(recompose=True)

    def bindings_changed(self, screen: Screen) -> None:
        """Show the keys that can be pressed now."""
        keys = [
            (active.binding, active.enabled)
            for active in screen.active_bindings.values()
            if active.binding.show
        ]
        if not self.app.app_focus:  # Textual shows no keys now, and calls this again later
            keys = []
        elif keys == self._keys:
            return
        self._keys = keys
        super().bindings_changed(screen)

    def _surplus(self) -> set[str]:
        """The actions whose keys must be left out for the others to fit."""
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show:
                shown.setdefault(active.binding.action, active.binding)
        groups = {binding.group for binding in shown.values() if binding.group is not None}
        spare = self.app.size.width + 1  # the last key has no gap after it
        spare -= sum(map(self._width, shown.values()))
        spare -= sum(2 + cell_len(group.description) for group in groups)
        surplus: set[str] = set()
        for action in self._drop_order:
            if spare < 0 and action in shown:
                surplus.add(action)
                spare += self._width(shown[action])
        return surplus

    def _width(self, binding: Binding) -> int:
        """Columns of a key with its gap; in a group, the description is shown only once."""
        key = cell_len(self.app.get_key_display(binding))
        return key if binding.group is not None else key + cell_len(binding.description) + 2
