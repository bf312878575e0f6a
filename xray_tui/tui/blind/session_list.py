"""The list of blind reading sessions in a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from xray_tui.dataset.blind.overview import Overview
from xray_tui.text import counted
from xray_tui.tui.bindings import bound
from xray_tui.tui.stylesheet import stylesheet_for


class SessionList(OptionList, inherit_bindings=False):
    """Lists ``sessions`` in their order, with the progress of ``reviewer`` in each.

    Moving the cursor past either end moves the focus to the previous or next field.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Blind reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "select", "Continue"),
        bound("down", "down", "Next", show=False),
        bound("up", "up", "Previous", show=False),
    ]

    def __init__(self, sessions: Sequence[Overview], reviewer: str) -> None:
        self._sessions = sessions
        self._reviewer = reviewer
        super().__init__(*map(self._option, sessions), compact=True, markup=False)

    def go_to_unfinished(self) -> bool:
        """Move the cursor to the first session with unanswered images. False if there is none."""
        for index, overview in enumerate(self._sessions):
            session = overview.session
            if session is not None and self._answered(overview) < len(session.items):
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

    def _option(self, overview: Overview) -> Option:
        name, session = overview.name, overview.session
        if session is None:
            return Option(Content.assemble(f"{name}  ", ("cannot be read", "$text-error")))
        total, answered = len(session.items), self._answered(overview)
        about = f"{counted(total, 'image')} ({session.count('real')} real)"
        done = "all answered: show report" if answered == total else f"{answered} answered"
        return Option(Content.assemble((name, "bold"), f"  {about} · {done}"))

    def _answered(self, overview: Overview) -> int:
        """How many images of the session the reviewer has answered completely."""
        return overview.complete.get(self._reviewer, 0)
