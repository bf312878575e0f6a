"""The filter line of the prompt pane."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.widgets.clean_input import CleanInput


class FilterInput(CleanInput):
    """The line that filters the tree while the user types."""

    HELP_TITLE = "Prompts"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "clear_filter", "Clear filter"),
        bound("open", "keep_filter", "Back to prompts"),
        without_letters(bound("down", "keep_filter", "Back to prompts", show=False)),
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
