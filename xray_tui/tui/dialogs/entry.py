"""A dialog for one line of text, with what is usually meant below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput


@dataclass(frozen=True)
class Choice:
    """A text that is usually meant."""

    value: str
    remark: str = ""
    """Shown behind it."""
    chosen: bool = False
    """Whether it is marked as what there is now."""


class EntryScreen(ModalScreen[str | None]):
    """Asks for a text; returns it, or None after Escape.

    ``problem`` says why a text will not do; empty if it does. The choices are narrowed down by what
    is typed, and the one under the cursor is taken by Enter. It is under none of them at first:
    Enter alone takes nothing.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Entry"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel"),
        Binding("down", "move(1)", "Next choice", show=False),
        Binding("up", "move(-1)", "Previous choice", show=False),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        problem: Callable[[str], str],
        *,
        text: str = "",
        choices: Sequence[Choice] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._problem = problem
        self._text = text
        self._choices = choices

    def compose(self) -> ComposeResult:
        with Vertical(id="entry") as box:
            box.border_title = Text(clean(self._title))
            box.border_subtitle = "enter takes it · esc goes back"
            yield Static(Text(clean(self._hint)), id="entry-hint")
            yield CleanInput(self._text, compact=True)
            yield Static(id="entry-problem", markup=False)
            options = OptionList(compact=True)
            options.can_focus = False
            yield options

    def on_mount(self) -> None:
        self._narrow("")
        self.query_one(Input).focus()

    def on_key(self, event: events.Key) -> None:
        """What was typed before the field had the focus is for the field."""
        if event.is_printable and event.character:
            self.query_one(Input).insert_text_at_cursor(event.character)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Offer what has the typed text in it."""
        self.query_one("#entry-problem", Static).update("")
        self._narrow(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the choice under the cursor, else what was typed."""
        options = self.query_one(OptionList)
        chosen = options.highlighted
        text = event.value.strip()
        if chosen is not None and options.option_count:
            text = options.get_option_at_index(chosen).id or text
        nothing = "choose one with ↓, or type one" if self._choices and not text else ""
        if problem := nothing or self._problem(text):
            self.query_one("#entry-problem", Static).update(Text(clean(problem)))
        else:
            self.dismiss(text)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click takes a choice."""
        self.dismiss(event.option_id)

    def action_move(self, step: int) -> None:
        """The cursor to another choice."""
        options = self.query_one(OptionList)
        if options.highlighted is None:
            options.action_first()
        elif step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _narrow(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        wanted = typed.strip().lower()
        fitting = [choice for choice in self._choices if wanted in choice.value]
        fitting.sort(key=lambda choice: not choice.value.startswith(wanted))
        options.add_options(map(_option, fitting))
        options.display = bool(fitting)
        values = [choice.value for choice in fitting]
        options.highlighted = values.index(typed) if typed in values else None


def _option(choice: Choice) -> Option:
    sign = "✓ " if choice.chosen else "  "
    return Option(
        Text.assemble(sign, (clean(choice.value), "bold"), "  ", (clean(choice.remark), "dim")),
        id=choice.value,
    )
