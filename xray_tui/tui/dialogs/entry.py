"""A dialog for one line of text, with suggestions below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.text import clean
from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput

Report = Callable[[str], object]
"""Called with the reason why a text was not saved; with an empty string when it was saved."""
Save = Callable[[str, Report], object]
"""Saves a text and calls the report, at once or later, in the UI thread."""


@dataclass(frozen=True)
class Suggestion:
    """One text the user is likely to want."""

    value: str
    remark: str = ""
    """Shown after the value."""
    current: bool = False
    """Whether this is the value in use now; it is marked with ✓."""


class EntryScreen(ModalScreen[str | None]):
    """Asks for a text; returns it, or None after Escape.

    ``problem`` is called with a text and returns why the text is refused, or an empty string. The
    suggestions are narrowed down while the user types, and Enter takes the one under the cursor.
    At first the cursor is on no suggestion, so that Enter alone takes none.

    ``save``, if given, saves the text and reports the outcome; the dialog stays open with the text
    until it is saved.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012
    HELP_TITLE = "Entry"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "dismiss(None)", "Cancel"),
        without_letters(bound("down", "move(1)", "Next suggestion", show=False)),
        without_letters(bound("up", "move(-1)", "Previous suggestion", show=False)),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        problem: Callable[[str], str],
        *,
        text: str = "",
        suggestions: Sequence[Suggestion] = (),
        save: Save | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._problem = problem
        self._text = text
        self._suggestions = suggestions
        self._save = save

    def compose(self) -> ComposeResult:
        with Vertical(id="entry") as box:
            box.border_title = Text(clean(self._title))
            box.border_subtitle = "enter OK · esc cancel"
            yield Static(Text(clean(self._hint)), id="entry-hint")
            yield CleanInput(self._text, compact=True)
            yield Static(id="entry-problem", markup=False)
            options = OptionList(compact=True)
            options.can_focus = False
            yield options

    def on_mount(self) -> None:
        self._narrow("")
        self.query_one(Input).focus()

    def at_stake(self) -> str:
        """What would be lost if the app ended now."""
        return "The text is not saved." if self.query_one(Input).value != self._text else ""

    def on_key(self, event: events.Key) -> None:
        """Pass a character that was typed before the field had the focus to the field."""
        if event.is_printable and event.character:
            self.query_one(Input).insert_text_at_cursor(event.character)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the suggestions that contain the typed text."""
        self.query_one("#entry-problem", Static).update("")
        self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the suggestion under the cursor, otherwise the typed text."""
        options = self.query_one(OptionList)
        chosen = options.highlighted
        text = event.value.strip()
        if chosen is not None and options.option_count:
            text = options.get_option_at_index(chosen).id or text
        missing = "Choose one with ↓, or type one." if self._suggestions and not text else ""
        if problem := missing or self._problem(text):
            self._show_problem(problem)
        else:
            self._take(text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click takes a suggestion."""
        self._take(event.option_id or "")

    def action_move(self, step: int) -> None:
        """Move the cursor to another suggestion."""
        options = self.query_one(OptionList)
        if options.highlighted is None:
            options.action_first()
        elif step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _take(self, text: str) -> None:
        """Close the dialog with ``text``, once it is saved."""

        def report(problem: str) -> None:
            if problem:
                self._show_problem(problem)
            else:
                self.dismiss(text)

        if self._save is None:
            self.dismiss(text)
        else:
            self._save(text, report)

    def _show_problem(self, problem: str) -> None:
        self.query_one("#entry-problem", Static).update(Text(clean(problem, keep_newlines=True)))

    def _narrow(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        wanted = typed.strip().lower()
        matching = [one for one in self._suggestions if wanted in one.value]
        matching.sort(key=lambda one: not one.value.startswith(wanted))
        options.add_options(map(_option, matching))
        options.display = bool(matching)
        values = [one.value for one in matching]
        options.highlighted = values.index(typed) if typed in values else None


def _option(suggestion: Suggestion) -> Option:
    sign = "✓ " if suggestion.current else "  "
    value, remark = clean(suggestion.value), clean(suggestion.remark)
    return Option(Text.assemble(sign, (value, "bold"), "  ", (remark, "dim")), id=suggestion.value)
