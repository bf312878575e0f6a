"""The help screen: all keys, those of the focused pane first; it searches them and runs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, Screen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.key_names import key_names
from xray_tui.keymap import key_of
from xray_tui.tui.bindings import ROWS, Owner, bound, nearest_first, without_letters
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput

_KEY_COLUMNS = len("delete  backspace")
_LOW = 30
"""Rows of the terminal below which the introduction is left out."""


@dataclass(frozen=True)
class _Line:
    """A key and what it does. Stars are one line, which cannot be run without a digit."""

    title: str
    keys: str
    text: str
    owner: Owner
    binding: Binding | None


class HelpList(OptionList, inherit_bindings=False):
    """The keys, by the pane they work in."""

    HELP_TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Run", tooltip="what the cursor is on"),
    ]


class HelpSearch(CleanInput):
    """The words to search for."""

    HELP_TITLE = "Help"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "screen.close_search", "All keys"),
        bound("open", "submit", "Run", tooltip="what the cursor is on"),
        without_letters(bound("up", "screen.move(-1)", "Row above", show=False)),
        without_letters(bound("down", "screen.move(1)", "Row below", show=False)),
    ]


class HelpScreen(ModalScreen[None]):
    """Lists the keys of ``screen``, below its ``help_introduction``.

    A key that works there closes the help and acts. Keys that the help itself has a use for, such
    as arrows, do not; they are run with ``enter``.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Help"
    MANUAL_PAGE = "keys"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("filter", "search", "Search", tooltip="words in keys and descriptions"),
        bound("leave", "dismiss", "Close"),
        bound("help", "dismiss", "Close", show=False),
        bound("quit", "dismiss", "Close", show=False),
    ]

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._subject = screen
        self._lines = list(_lines_of(screen))
        self._keys = {key for key, one in screen.active_bindings.items() if one.enabled}
        self._shown: list[_Line | None] = []
        """What each row of the list stands for; None for headings."""

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = f"a key or enter runs it · {key_of('filter')} search · esc close"
            if introduction := getattr(self._subject, "help_introduction", None):
                yield Static(introduction(), markup=False, classes="introduction")
            yield HelpList(compact=True, markup=False)
            yield HelpSearch(placeholder="words to search for", compact=True)

    def on_mount(self) -> None:
        self.query_one(HelpSearch).display = False
        self._show("")
        self.query_one(HelpList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the rows of a small terminal to the keys."""
        self.set_class(event.size.height < _LOW, "-low")

    # ---- keys ------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Close the help and press the key again, if it does something on the screen below."""
        if event.key in self._keys and event.key not in self.active_bindings:
            event.stop()
            self.dismiss()
            self.app.simulate_key(event.key)

    def action_search(self) -> None:
        """Ask for words."""
        search = self.query_one(HelpSearch)
        search.display = True
        self.set_focus(search)  # at once: focus() acts after the next key

    def action_close_search(self) -> None:
        """List all keys again."""
        search = self.query_one(HelpSearch)
        search.value = ""
        search.display = False
        self.set_focus(self.query_one(HelpList))

    def action_move(self, step: int) -> None:
        """Move the cursor while the words are typed."""
        rows = self.query_one(HelpList)
        if step > 0:
            rows.action_cursor_down()
        else:
            rows.action_cursor_up()

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _run_found(self) -> None:
        self.query_one(HelpList).action_select()

    @on(OptionList.OptionSelected)
    def _run(self, event: OptionList.OptionSelected) -> None:
        line = self._shown[event.option_index]
        if line is not None and line.binding is not None:
            self.dismiss()
            self.app.call_later(line.owner.runner(line.binding))

    # ---- rows ------------------------------------------------------------------------------------

    def _show(self, query: str) -> None:
        """List the keys that have all words of ``query``, with a heading above each group."""
        words = query.casefold().split()
        found = [
            line
            for line in self._lines
            if all(word in f"{line.keys} {line.text} {line.title}".casefold() for word in words)
        ]
        self._shown, options = [], []
        for title, group in groupby(found, key=lambda line: line.title):
            self._shown.append(None)
            options.append(Option(Content.styled(title, "bold $accent"), disabled=True))
            for line in group:
                self._shown.append(line)
                keys = Content.styled(f"{line.keys:{_KEY_COLUMNS}}  ", "bold")
                options.append(Option(Content.assemble(keys, line.text)))
        rows = self.query_one(HelpList)
        rows.set_options(options or [Option("No key does that.", disabled=True)])
        rows.highlighted = 1 if options else None


def _lines_of(screen: Screen) -> Iterator[_Line]:
    """A line for each action, and one for all stars."""
    stars = False
    for owner, binding in nearest_first(screen):
        if binding.id == "stars":
            if not stars:
                yield _Line(owner.title, "0-5", "Stars", owner, None)
            stars = True
            continue
        text = f"{binding.description} — {binding.tooltip}"
        yield _Line(
            owner.title,
            key_names(binding.key),
            text if binding.tooltip else binding.description,
            owner,
            binding,
        )
