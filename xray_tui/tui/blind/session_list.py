"""The list of blind reading sessions in a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from xray_tui.dataset.blind.overview import Overview
from xray_tui.text import counted
from xray_tui.tui.stylesheet import stylesheet_for


class SessionList(OptionList, inherit_bindings=False):
    """Lists ``sessions`` in their order, with the progress of ``reviewer`` in each.

    Moving the cursor past an end moves the focus out of the list, as in a field.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Blind reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Continue"),
        Binding("down", "down", "Next", show=False),
        Binding("up", "up", "Previous", show=False),
    ]

    def __init__(self, sessions: Sequence[Overview], reviewer: str) -> None:
        self._sessions = sessions
        self._reviewer = reviewer
        super().__init__(*map(self._option, sessions), compact=True, markup=False)

    def go_to_unfinished(self) -> bool:
        """Move the cursor to the first session with unanswered images. False if there is none."""
        for index, one in enumerate(self._sessions):
            if one.session is not None and self._mine(one) < len(one.session.items):
                self.highlighted = index
                return True
        return False

    def action_down(self) -> None:
        """Move to the session below, or out of the list."""
        if self.highlighted == self.option_count - 1:
            self.screen.focus_next()
        else:
            self.action_cursor_down()

    def action_up(self) -> None:
        """Move to the session above, or out of the list."""
        if not self.highlighted:
            self.screen.focus_previous()
        else:
            self.action_cursor_up()

    def _option(self, one: Overview) -> Option:
        if one.session is None:
            return Option(Content.assemble(f"{one.name}  ", ("cannot be read", "$text-error")))
        total, mine = len(one.session.items), self._mine(one)
        about = f"{counted(total, 'image')} ({one.session.count('real')} real)"
        done = "all answered: show report" if mine == total else f"{mine} answered"
        return Option(Content.assemble((one.name, "bold"), f"  {about} · {done}"))

    def _mine(self, one: Overview) -> int:
        return one.complete.get(self._reviewer, 0)
