"""The help screen: all keys, grouped by the pane they work in."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from xray_tui.key_names import key_names
from xray_tui.tui.bindings import bound, described_bindings
from xray_tui.tui.stylesheet import stylesheet_for

_KEY_COLUMNS = len("delete  backspace")


class HelpScreen(ModalScreen[None]):
    """Lists the keys of ``screen``, below its ``HELP_INTRODUCTION``."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Help"
    MANUAL_PAGE = "keys"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "dismiss", "Close"),
        bound("help", "dismiss", "Close", show=False),
        bound("quit", "dismiss", "Close", show=False),
    ]

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._subject = screen

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Keys"
            scroll.border_subtitle = "↑ ↓ scroll · esc close"
            if introduction := getattr(self._subject, "HELP_INTRODUCTION", ""):
                yield Static(introduction, markup=False, classes="introduction")
            groups = groupby(described_bindings(self._subject), key=lambda pair: pair[0].title)
            for title, pairs in groups:
                yield Static(Text(title), classes="group")
                yield Static(_table(binding for _, binding in pairs))

    def on_mount(self) -> None:
        self.query_one("#help").focus()


def _table(bindings: Iterable[Binding]) -> Table:
    """A row for each binding: its keys and its description."""
    table = Table.grid(padding=(0, 2))
    table.add_column(width=_KEY_COLUMNS, style="bold")
    table.add_column()
    for binding in bindings:
        description = Text(binding.description)
        if binding.tooltip:
            description.append(f" — {binding.tooltip}")
        table.add_row(Text(key_names(binding.key)), description)
    return table
