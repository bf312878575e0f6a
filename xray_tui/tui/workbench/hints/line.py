"""The row of the hint, and which hint is shown when."""

from __future__ import annotations

from dataclasses import dataclass

from textual.widgets import Static

from xray_tui.keymap import key_of
from xray_tui.tui.stylesheet import stylesheet_for


@dataclass(frozen=True)
class Facts:
    """What the user has reached so far."""

    marks: int
    jobs: bool
    images: int


def hint_for(facts: Facts) -> str:
    """The next step of a user who has accepted no image yet."""
    if facts.images:
        return (
            f"Hint 3 of 3 · Press {key_of('review')} to review: {key_of('accept')} accepts an "
            f"image, {key_of('reject')} rejects it."
        )
    if facts.jobs:
        return "Hint 2 of 3 · The first image takes a moment; it appears in the preview."
    if facts.marks:
        return (
            f"Hint 2 of 3 · Press {key_of('generate')}: images of the marked prompts are generated."
        )
    return f"Hint 1 of 3 · Choose a prompt with ↑ and ↓, and mark it with {key_of('toggle')}."


class HintLine(Static):
    """Shows a hint in a row of its own, so that nothing is covered; without one, no row.

    The screen has the class ``-hint`` meanwhile: toasts stay above the row.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._text = ""

    def show(self, text: str) -> None:
        """Show ``text``; an empty one removes the row."""
        if text != self._text:
            self._text = text
            self.update(text)
            self.display = bool(text)
            self.screen.set_class(bool(text), "-hint")
