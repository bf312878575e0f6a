"""The row that opens and closes the parameters that are rarely changed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from xray_tui.tui.bindings import bound

ADVANCED_HELP = "parameters that are seldom changed"


class AdvancedRow(Static, can_focus=True):
    """Says whether the rows below it are open; while they are closed, how many are changed."""

    HELP_TITLE = "Parameters"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "open_or_close", "Open or close", tooltip=ADVANCED_HELP),
    ]

    class Toggled(Message):
        """The user wants to open the rows, or to close them."""

    def show(self, *, is_open: bool, changed: int, invalid: int) -> None:
        """Show the state: ``changed`` and ``invalid`` are numbers of rows that are not visible."""
        line = Content("▾ Advanced" if is_open else "▸ Advanced")
        if invalid and not is_open:
            line += Content.styled(f" · {invalid} not valid", "$text-error")
        elif changed and not is_open:
            line += Content.styled(f" · {changed} changed", "$warning")
        self.update(line, layout=False)

    def on_click(self) -> None:
        """A click opens or closes the rows."""
        self.post_message(self.Toggled())

    def action_open_or_close(self) -> None:
        """Open or close the rows."""
        self.post_message(self.Toggled())
