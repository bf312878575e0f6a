"""The filter line of the prompt pane."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from xray_tui.tui.widgets.clean_input import CleanInput


class FilterInput(CleanInput):
    """The line that narrows the tree down while it is typed into."""

    HELP_TITLE = "Prompts"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_filter", "Clear filter"),
        Binding("enter,down", "keep_filter", "To the prompts", key_display="enter ↓"),
    ]

    class Left(Message):
        """The person goes back to the tree."""

    def action_clear_filter(self) -> None:
        """Empty the filter and go back to the tree."""
        self.value = ""
        self.post_message(self.Left())

    def action_keep_filter(self) -> None:
        """Go back to the tree with the filter on."""
        self.post_message(self.Left())
