"""The filter line of the prompt pane."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from xray_tui.tui.widgets.clean_input import CleanInput


class FilterInput(CleanInput):
    """The line that filters the tree while the user types."""

    HELP_TITLE = "Prompts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_filter", "Clear filter"),
        Binding("enter,down", "keep_filter", "Back to prompts", key_display="enter ↓"),
    ]

    class Left(Message):
        """The user returns to the tree."""

    def action_clear_filter(self) -> None:
        """Clear the filter and return to the tree."""
        self.value = ""
        self.post_message(self.Left())

    def action_keep_filter(self) -> None:
        """Return to the tree and keep the filter."""
        self.post_message(self.Left())
