"""The help screen: every key, grouped by the pane it works in."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.stylesheet import beside

INTRODUCTION = (
    "Mark prompts (space), set parameters, press g. Images appear in the preview and are saved in "
    "the dataset folder. Tab goes from pane to pane; m makes the focused pane large; a key works "
    "in its own pane, the first group works everywhere."
)


class HelpScreen(ModalScreen[None]):
    """Lists the keys of ``screen``, read from where they are declared."""

    DEFAULT_CSS = beside(__file__)
    HELP_TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close"),
    ]

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._about = screen

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Keys"
            scroll.border_subtitle = "esc closes"
            yield Static(INTRODUCTION, markup=False, classes="introduction")
            groups = groupby(described_bindings(self._about), key=lambda pair: pair[0].title)
            for title, pairs in groups:
                yield Static(Text(title), classes="group")
                for _, binding in pairs:
                    yield Static(self._line(binding.key, binding.description, binding.tooltip))

    def on_mount(self) -> None:
        self.query_one("#help").focus()

    def _line(self, keys: str, description: str, more: str) -> Text:
        shown = "  ".join(self.app.get_key_display(Binding(key, "", "")) for key in keys.split(","))
        line = Text(f"  {shown:16} ", style="bold")
        line.append(description, style="not bold")
        if more:
            line.append(f" — {more}", style="not bold dim")
        return line
