"""The query line above the gallery; over that, while it is typed into, what could be meant."""

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
"""Seconds without a key after which a change is told."""


class QueryLine(Vertical):
    """One row, and two that lie over what is below it while it has the focus: nothing moves then.

    Judges nothing: the screen calls ``show_error``.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    @dataclass
    class Changed(Message):
        """The person has typed, and paused."""

        text: str

    @dataclass
    class Submitted(Message):
        """The person wants to see what matches."""

        text: str

    @dataclass
    class SaveRequested(Message):
        """The person wants to keep the text under a name."""

        text: str

    @dataclass
    class ForgetRequested(Message):
        """The person wants the saved filter that the text names to be forgotten."""

        text: str

    class Closed(Message):
        """The person goes back to the images; what they typed last was told before."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._input = QueryInput()
        self._offer = QueryOffer()
        self._message = Static(id="query-message", markup=False)
        self._below = Vertical(id="query-below")
        self._error = ""
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static("Filter", id="query-title", markup=False)
            yield self._input
        with self._below:
            yield self._offer
            yield self._message

    # -- what the screen calls ---------------------------------------------------------------------

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self._input.value

    @text.setter
    def text(self, text: str) -> None:
        with self._input.prevent(Input.Changed):  # the screen knows
            self._input.value = text
        self._input.cursor_position = len(self._input.value)

    def show_error(self, text: str) -> None:
        """Say what is wrong with the text; empty: nothing is."""
        self._error = clean(text)
        self._input.set_class(bool(text), "-wrong")
        self._show()

    def set_vocabulary(self, vocabulary: Vocabulary) -> None:
        """Complete to these names from now on."""
        self._input.set_vocabulary(vocabulary)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the field, at once: the next key is for it."""
        self.screen.set_focus(self._input, scroll_visible)
        return self

    # -- what happens inside -----------------------------------------------------------------------

    def on_descendant_focus(self) -> None:
        """Show what could be meant."""
        self._below.display = True

    def on_descendant_blur(self) -> None:
        """Nothing is typed any more."""
        self._below.display = False

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._stop_waiting()
        self._pause = self.set_timer(PAUSE, self._tell)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._stop_waiting()
        self.post_message(self.Submitted(self.text))

    @on(QueryInput.SaveAsked)
    def _save(self, event: QueryInput.SaveAsked) -> None:
        event.stop()
        self.post_message(self.SaveRequested(self.text))

    @on(QueryInput.ForgetAsked)
    def _forget(self, event: QueryInput.ForgetAsked) -> None:
        event.stop()
        self.post_message(self.ForgetRequested(self.text))

    @on(QueryInput.Left)
    def _close(self, event: QueryInput.Left) -> None:
        event.stop()
        if self._pause is not None:
            self._tell()
        self.post_message(self.Closed())

    @on(QueryInput.OfferChanged)
    def _offer_changed(self, event: QueryInput.OfferChanged) -> None:
        event.stop()
        self._show()

    @on(Input.Blurred)
    def _keep_inside(self, event: Input.Blurred) -> None:
        event.stop()

    def _tell(self) -> None:
        self._stop_waiting()
        self.post_message(self.Changed(self.text))

    def _stop_waiting(self) -> None:
        if self._pause is not None:
            self._pause.stop()
            self._pause = None

    def _show(self) -> None:
        offered = self._input.offered
        chosen = self._input.chosen
        self._offer.offer(offered, chosen)
        meaning = offered[chosen].help if offered else ""
        self._message.set_class(bool(self._error), "-error")
        self._message.update(Content(self._error or meaning), layout=False)
