"""The log pane: lines with time and level, filtered by level and by text."""

from __future__ import annotations

from collections import deque
from typing import ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from xray_tui.generation.events import LogLevel, LogLine
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput
from xray_tui.tui.workbench.log_lines import LogLines

KEPT = 5_000
"""Lines kept in the pane; older ones are only in the log file."""

_SURPLUS = 500
"""Surplus lines are dropped in groups of this size, as all others are then wrapped again."""

_DETAIL = Binding.Group("Detail ", compact=True)
_LEVELS: tuple[LogLevel, ...] = ("debug", "info", "warning", "error")
_NAMES = {
    "debug": "Level: all",
    "info": "Level: info and above",
    "warning": "Level: warnings and errors",
    "error": "Level: errors",
}


class LogFilter(CleanInput):
    """The text to look for."""

    HELP_TITLE = "Log"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "submit", "Show the lines", tooltip="keep the filter"),
        bound("leave", "clear", "Clear filter"),
    ]

    class ClearRequested(Message):
        """The user does not want to filter."""

    def action_clear(self) -> None:
        """Ask to clear the filter."""
        self.post_message(self.ClearRequested())


class LogView(Vertical):
    """Shows log lines with a filter by level and one by text."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Log"
    MANUAL_PAGE = "troubleshooting"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("more", "detail(1)", "More detail", group=_DETAIL, tooltip="all lines, at the end"),
        bound("less", "detail(-1)", "Less detail", group=_DETAIL, tooltip="errors, at the end"),
        bound("filter", "filter", "Filter", tooltip="show only lines with some text"),
        bound("last", "follow", "Newest", tooltip="follow the newest line"),
        bound("leave", "clear_filter", "Clear filter", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[LogLine] = deque()
        self._level: LogLevel = "info"

    def compose(self) -> ComposeResult:
        self.border_title = "Log"
        yield LogFilter(placeholder="show lines with…", compact=True, id="log-filter")
        yield LogLines()

    def on_mount(self) -> None:
        self._filter.display = False
        self._show_title()

    def add(self, line: LogLine) -> None:
        """Add a line; it is shown if it passes both filters."""
        self._lines.append(line)
        self._rows.hint = "no line matches"  # shown while the filters leave out every line
        if len(self._lines) >= KEPT + _SURPLUS:
            self._lines = deque(list(self._lines)[-KEPT:])
            self._show_all()
        elif self._passes(line):
            self._rows.add(line)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the lines."""
        self._rows.focus(scroll_visible)
        return self

    # -- keys --------------------------------------------------------------------------------------

    def action_detail(self, step: int) -> None:
        """Show the lines of one more level (1), or of one less (-1)."""
        at = _LEVELS.index(self._level) - step
        self._level = _LEVELS[max(0, min(at, len(_LEVELS) - 1))]
        self._show_all()

    def action_filter(self) -> None:
        """Open the text filter."""
        self._filter.display = True
        self.screen.set_focus(self._filter)  # at once: focus() acts after the next key

    @on(LogFilter.ClearRequested)
    def action_clear_filter(self) -> None:
        """Close the text filter and show all lines of the level again."""
        self._filter.value = ""
        self._leave_filter()

    def action_follow(self) -> None:
        """Go to the newest line and stay there."""
        self._rows.follow()

    # -- inside the pane ---------------------------------------------------------------------------

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show_all()

    @on(Input.Submitted)
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave_filter()

    def _leave_filter(self) -> None:
        self._rows.focus()
        self._filter.display = bool(self._filter.value)

    @property
    def _filter(self) -> CleanInput:
        return self.query_one(CleanInput)

    @property
    def _rows(self) -> LogLines:
        return self.query_one(LogLines)

    def _passes(self, line: LogLine) -> bool:
        if _LEVELS.index(line.level) < _LEVELS.index(self._level):
            return False
        query = self._filter.value.casefold()
        return not query or query in clean(line.text).casefold()

    def _show_all(self) -> None:
        self._show_title()
        self._rows.show(line for line in self._lines if self._passes(line))

    def _show_title(self) -> None:
        query = self._filter.value
        self.border_subtitle = Content(_NAMES[self._level] + (f" · “{query}”" if query else ""))
