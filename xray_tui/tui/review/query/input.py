"""The field of the query line, with completion of fields, values and saved filters."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.widgets.input import Selection

from xray_tui.dataset.query.completion import Candidate, Vocabulary, candidates
from xray_tui.keymap import key_of
from xray_tui.text import clean
from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.widgets.clean_input import CleanInput


class QueryInput(CleanInput):
    """The text field; it knows the completions at its cursor, and which of them is selected."""

    HELP_TITLE = "Filter line"
    MANUAL_PAGE = "filters"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("next_part", "complete", "Complete", tooltip="with the selected suggestion"),
        without_letters(bound("up", "choose(-1)", "Previous choice", show=False)),
        without_letters(bound("down", "choose(1)", "Next choice")),
        bound("open", "submit", "Show", tooltip="the images that match"),
        bound("save", "save", "Save filter", tooltip="under a name, to use as @name"),
        bound("remove_all", "delete", "Delete saved", show=False, tooltip="the filter named"),
        bound("leave", "close", "Back", tooltip="to the images"),
    ]

    class OfferChanged(Message):
        """Other completions are offered, or another one is selected."""

    class SavePressed(Message):
        """The user asks to save the filter."""

    class DeletePressed(Message):
        """The user asks to delete the saved filter that the text names."""

    class ClosePressed(Message):
        """The user returns to the images."""

    def __init__(self) -> None:
        super().__init__(
            placeholder=f"none · press {key_of('filter')} (e.g. rating>=3 -tag:grid*)",
            compact=True,
            max_length=2000,
        )
        self._vocabulary = Vocabulary()
        self.selected = 0
        """Index of the selected completion."""

    @property
    def idle_actions(self) -> Collection[str]:
        """What is done with the completions, which are offered only while the user types."""
        typing = self.screen.focused is self
        return () if typing else ("complete", "choose(-1)", "choose(1)", "submit", "close")

    @property
    def offered(self) -> list[Candidate]:
        """The completions at the cursor."""
        found = candidates(self.value, self.cursor_position, self._vocabulary)
        return [candidate for candidate in found if clean(candidate.text) == candidate.text]

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Offer these names from now on."""
        self._vocabulary = vocabulary
        self._offer_changed()

    def action_complete(self) -> None:
        """Insert the selected completion."""
        offered = self.offered
        if offered:
            candidate = offered[self.selected]
            self.value = candidate.put_into(self.value)
            self.cursor_position = candidate.start + len(candidate.text)

    def action_choose(self, direction: int) -> None:
        """Select the next (1) or previous (-1) completion; the first follows the last."""
        offered = self.offered
        if offered:
            self.selected = (self.selected + direction) % len(offered)
            self.post_message(self.OfferChanged())

    def action_save(self) -> None:
        """Ask to save the filter."""
        self.post_message(self.SavePressed())

    def action_delete(self) -> None:
        """Ask to delete the saved filter that the text names."""
        self.post_message(self.DeletePressed())

    def action_close(self) -> None:
        """Return to the images."""
        self.post_message(self.ClosePressed())

    def watch_selection(self, selection: Selection) -> None:
        """Offer the completions at the new cursor."""
        self._offer_changed()

    def watch_value(self, value: str) -> None:
        """Offer completions of the new text."""
        self._offer_changed()

    def _offer_changed(self) -> None:
        self.selected = 0
        self.post_message(self.OfferChanged())
