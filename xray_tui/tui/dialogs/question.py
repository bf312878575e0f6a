"""A question with a few choices, each with its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.key_names import key_names
from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.textual_internals import add_binding


@dataclass(frozen=True)
class Choice:
    """One of the choices of a question."""

    value: str
    """Returned by the screen when the user takes this choice."""
    key: str
    label: str


class QuestionScreen(ModalScreen[str | None]):
    """Asks ``question``; returns the ``value`` of the choice taken, or None after Escape."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Question"

    def __init__(self, title: str, question: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._question = question
        self._choices = choices
        for choice in choices:
            add_binding(self, choice.key, f"choose({choice.value!r})", choice.label)
        self._can_cancel = all(choice.key != "escape" for choice in choices)
        if self._can_cancel:
            add_binding(self, "escape", "dismiss(None)", "Close")

    def compose(self) -> ComposeResult:
        with Vertical(id="question") as box:
            box.border_title = Text(clean(self._title))
            box.border_subtitle = "enter select" + " · esc close" * self._can_cancel
            with VerticalScroll(id="text", can_focus=False):
                yield Static(Text(clean(self._question, keep_newlines=True)))
            yield OptionList(*self._options(), compact=True)

    def _options(self) -> list[Option]:
        keys = [key_names(choice.key) for choice in self._choices]
        width = max(map(len, keys))
        return [
            Option(
                Text.assemble(f" {key:{width}}  ", (clean(choice.label), "bold")), id=choice.value
            )
            for key, choice in zip(keys, self._choices, strict=True)
        ]

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_choose(self, value: str) -> None:
        """Take the choice with this value."""
        self.dismiss(value)
