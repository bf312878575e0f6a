"""Log lines wrapped to the width of the pane; fast with thousands of lines."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xray_tui.generation.events import LogLevel, LogLine
from xray_tui.text import clean
from xray_tui.tui.bindings import SCROLL
from xray_tui.tui.text_fit import cut, wrap

LETTERS: dict[LogLevel, str] = {"debug": "D", "info": "I", "warning": "W", "error": "E"}

_INDENT = 11
"""Columns of time stamp and letter."""


@dataclass(frozen=True)
class Row:
    """One row on the screen: the start of a line, or a continuation (``stamp`` empty)."""

    level: LogLevel
    stamp: str
    text: str


class LogLines(ScrollView, can_focus=True):
    """Shows log lines, and follows the newest unless it is scrolled up."""

    HELP_TITLE = "Log"
    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--stamp",
        "log--debug",
        "log--info",
        "log--warning",
        "log--error",
    }

    hint = reactive("")
    """The text shown while there are no lines."""
    virtual_size = reactive(Size(0, 0))
    """As Textual's, but a new value does not trigger a layout of the whole screen."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[LogLine] = []
        self._rows: list[Row] = []
        self._following = True

    @property
    def following(self) -> bool:
        """Whether the view scrolls to each new line."""
        return self._following

    def show(self, lines: Iterable[LogLine]) -> None:
        """Show these lines instead of the current ones."""
        self._lines = list(lines)
        self._wrap_all()

    def add(self, line: LogLine) -> None:
        """Add a line at the end."""
        self._lines.append(line)
        self._rows.extend(self._rows_of(line))
        self._update_size()

    def follow(self) -> None:
        """Go to the newest line and stay there."""
        self._following = True
        self._update_size()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._wrap_all()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Stop following when the user scrolls up; start again at the end."""
        super().watch_scroll_y(old_value, new_value)
        self._following = new_value >= self.max_scroll_y

    def render_line(self, y: int) -> Strip:
        """The row at height ``y`` of the visible part."""
        index = y + self.scroll_offset.y
        width, background = self.size.width, self.rich_style
        if index >= len(self._rows):
            if self._rows or y:
                return Strip.blank(width, background)
            hint = Strip([Segment(self.hint, self._style("log--stamp"))])
            return hint.adjust_cell_length(width, background)
        row = self._rows[index]
        style = self._style(f"log--{row.level}")
        if row.stamp:
            head = Segment(f"{row.stamp} ", self._style("log--stamp"))
            segments = [head, Segment(f"{LETTERS[row.level]} ", style), Segment(row.text, style)]
        else:
            segments = [Segment(" " * _INDENT, background), Segment(row.text, style)]
        return Strip(segments).extend_cell_length(width, background).crop(0, width)

    @property
    def _text_width(self) -> int:
        return max(8, self.scrollable_content_region.width - _INDENT)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def _rows_of(self, line: LogLine) -> list[Row]:
        """The rows of ``line``; if the pane has only one row, just the beginning of ``line``."""
        if self.scrollable_content_region.height > 1:
            return rows_of(line, self._text_width)
        return [beginning_of(line, self._text_width)]

    def _wrap_all(self) -> None:
        self._rows = [row for line in self._lines for row in self._rows_of(line)]
        self._update_size()

    def _update_size(self) -> None:
        follow = self._following
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._rows))
        self.show_vertical_scrollbar = len(self._rows) > self.scrollable_content_region.height
        self.vertical_scrollbar.window_virtual_size = len(self._rows)
        if follow:
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True, force=True)
            self._following = True
        self.refresh()


def rows_of(line: LogLine, width: int) -> list[Row]:
    """``line`` wrapped to ``width`` columns of text."""
    texts = [
        part
        for paragraph in clean(line.text, keep_newlines=True).split("\n")
        for part in wrap(paragraph, width)
    ]
    stamp = _stamp(line)
    return [Row(line.level, "" if place else stamp, text) for place, text in enumerate(texts)]


def beginning_of(line: LogLine, width: int) -> Row:
    """The beginning of ``line``: as much as fits into ``width`` columns of text."""
    return Row(line.level, _stamp(line), cut(clean(" · ".join(line.text.split("\n"))), width))


def _stamp(line: LogLine) -> str:
    return time.strftime("%H:%M:%S", time.localtime(line.when))
