"""The field of the query line: it completes what is typed, in the order of the keys."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets.input import Selection

from xray_tui.dataset.query.completion import Candidate, Vocabulary, candidates
from xray_tui.text import clean
from xray_tui.tui.widgets.clean_input import CleanInput


class QueryInput(CleanInput):
    """Knows what could be meant at its cursor, and which of that is chosen."""

    HELP_TITLE = "Filter line"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "take", "Complete", tooltip="with what is chosen below"),
        Binding("up", "choose(-1)", "Choice before", show=False),
        Binding("down", "choose(1)", "Next choice", key_display="↓↑"),
        Binding("enter", "submit", "Show", tooltip="the images that match"),
        Binding("ctrl+s", "save", "Save filter", tooltip="under a name, for @name"),
        Binding("ctrl+r", "forget", "Remove saved", show=False, tooltip="the one named, as @best"),
        Binding("escape", "close", "Back", tooltip="to the images"),
    ]

    class OfferChanged(Message):
        """Something else is offered or chosen now."""

    class SaveAsked(Message):
        """The person wants to keep the text."""

    class ForgetAsked(Message):
        """The person wants the saved filter that is named to be forgotten."""

    class Left(Message):
        """The person goes back to where they came from."""

    def __init__(self) -> None:
        super().__init__(
            placeholder="none; / writes one, such as rating>=3 -tag:grid*",
            compact=True,
            max_length=2000,
        )
        self._vocabulary = Vocabulary()
        self.chosen = 0
        """Place in what is offered."""

    @property
    def offered(self) -> list[Candidate]:
        """What could stand at the cursor."""
        found = candidates(self.value, self.cursor_position, self._vocabulary)
        return [candidate for candidate in found if clean(candidate.text) == candidate.text]

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Offer these names from now on."""
        self._vocabulary = vocabulary
        self._begin_again()

    def action_take(self) -> None:
        """Put what is chosen into the line."""
        offered = self.offered
        if offered:
            candidate = offered[self.chosen]
            self.value = candidate.put_into(self.value)
            self.cursor_position = candidate.start + len(candidate.text)

    def action_choose(self, direction: int) -> None:
        """Choose the one before or after, around the ends."""
        offered = self.offered
        if offered:
            self.chosen = (self.chosen + direction) % len(offered)
            self.post_message(self.OfferChanged())

    def action_save(self) -> None:
        """Ask for the text to be kept."""
        self.post_message(self.SaveAsked())

    def action_forget(self) -> None:
        """Ask for the saved filter that stands in the line to be forgotten."""
        self.post_message(self.ForgetAsked())

    def action_close(self) -> None:
        """Go back."""
        self.post_message(self.Left())

    def watch_selection(self, selection: Selection) -> None:
        """With the cursor moves what is offered."""
        self._begin_again()

    def watch_value(self, value: str) -> None:
        """With the text changes what is offered."""
        self._begin_again()

    def _begin_again(self) -> None:
        self.chosen = 0
        self.post_message(self.OfferChanged())
