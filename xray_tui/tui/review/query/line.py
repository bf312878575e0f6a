"""The query line above the gallery, with completions below it while the user types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from xray_tui.dataset.query.completion import Vocabulary
from xray_tui.text import clean
from xray_tui.tui.review.query.input import QueryInput
from xray_tui.tui.review.query.offer import QueryOffer
from xray_tui.tui.stylesheet import stylesheet_for

PAUSE = 0.15
"""Seconds without a key after which a change is reported."""


class QueryLine(Vertical):
    """One row; while it has the focus, two more rows cover the top of the images below it.

    The line does not check the filter: the screen does, and calls ``show_error``.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    @dataclass
    class Changed(Message):
        """The user typed, then paused."""

        text: str

    @dataclass
    class Submitted(Message):
        """The user wants to see the images that match."""

        text: str

    @dataclass
    class SaveRequested(Message):
        """The user wants to save the filter under a name."""

        text: str

    @dataclass
    class DeleteRequested(Message):
        """The user wants to delete the saved filter that the text names."""

        text: str

    class Closed(Message):
        """The user returns to the images. ``Changed`` came before, if the text had changed."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._input = QueryInput()
        self._offer = QueryOffer()
        self._message = Static(id="query-message", markup=False)
        self._below = Vertical(id="query-below")
        self._error = ""
        self._error_at = -1
        self._pause_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("Filter", id="query-title", markup=False)
            yield self._input
        with self._below:
            yield self._offer
            yield self._message

    # -- called by the screen ----------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The filter in the line. Setting it posts no ``Changed``."""
        return self._input.value

    @text.setter
    def text(self, text: str) -> None:
        with self._input.prevent(Input.Changed):
            self._input.value = text
        self._input.cursor_position = len(self._input.value)

    def show_error(self, text: str, position: int = -1) -> None:
        """Show ``text``, the problem with the filter; an empty text removes the message.

        The meaning of a suggestion for the value at ``position`` takes precedence.
        """
        self._error = clean(text)
        self._error_at = position
        self._input.set_class(bool(text), "-wrong")
        self._show()

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Offer these names from now on."""
        self._input.set_vocabulary(vocabulary)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the field at once, so that it receives the next key."""
        self.screen.set_focus(self._input, scroll_visible)
        return self

    # -- internals ---------------------------------------------------------------------------------

    def on_descendant_focus(self) -> None:
        """Show the completions."""
        self._below.display = True

    def on_descendant_blur(self) -> None:
        """Hide the completions."""
        self._below.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop_timer()
        self._pause_timer = self.set_timer(PAUSE, self._report_change)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop_timer()
        self.post_message(self.Submitted(self.text))

    @on(QueryInput.SavePressed)
    def _save(self, event: QueryInput.SavePressed) -> None:
        event.stop()
        self.post_message(self.SaveRequested(self.text))

    @on(QueryInput.DeletePressed)
    def _delete(self, event: QueryInput.DeletePressed) -> None:
        event.stop()
        self.post_message(self.DeleteRequested(self.text))

    @on(QueryInput.ClosePressed)
    def _close(self, event: QueryInput.ClosePressed) -> None:
        event.stop()
        if self._pause_timer is not None:
            self._report_change()
        self.post_message(self.Closed())

    @on(QueryInput.OfferChanged)
    def _offer_changed(self, event: QueryInput.OfferChanged) -> None:
        event.stop()
        self._show()

    @on(Input.Blurred)
    def _keep_inside(self, event: Input.Blurred) -> None:
        event.stop()

    def _report_change(self) -> None:
        self._stop_timer()
        self.post_message(self.Changed(self.text))

    def _stop_timer(self) -> None:
        if self._pause_timer is not None:
            self._pause_timer.stop()
            self._pause_timer = None

    def _show(self) -> None:
        offered = self._input.offered
        selected = self._input.selected
        self._offer.offer(offered, selected)
        meaning = offered[selected].help if offered else ""
        at = self._error_at
        is_chosen_now = bool(meaning) and offered[selected].start <= at <= offered[selected].end
        error = "" if is_chosen_now else self._error
        self._message.set_class(bool(error), "-error")
        self._message.update(Content(error or meaning))
