"""A list of labels, each with a key of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from xray_tui.dataset.blind.answers import UNSURE, UNSURE_NAME
from xray_tui.text import clean
from xray_tui.tui.bindings import ROWS, bound
from xray_tui.tui.stylesheet import stylesheet_for

KEYS = "123456789abcdefgmnopquvwxyz"
"""The keys of labels, in order. All other letters have another meaning; 0 is for unsure."""


class LabelChoice(OptionList, inherit_bindings=False):
    """Offers ``labels`` and "unsure". Labels beyond the number of keys need the cursor."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Labels"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Label", show=False, tooltip="or press the key next to it"),
    ]

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(compact=True, markup=False)
        self._labels = [*labels, UNSURE]
        keys = [*KEYS[: len(labels)], *" " * (len(labels) - len(KEYS)), "0"]
        self._keys = dict(zip(self._labels, keys, strict=True))
        self._shown: tuple[str | None, bool] | None = None

    def label_of(self, key: str) -> str | None:
        """The label with this key; None if no label has it."""
        if not key.strip():
            return None
        return next((label for label, its_key in self._keys.items() if its_key == key), None)

    def label_at(self, index: int) -> str:
        """The label on a line of the list, from 0."""
        return self._labels[index]

    def show(self, chosen: str | None, *, active: bool) -> None:
        """Mark the label that was chosen. While not ``active``, the list is dimmed."""
        if self._shown == (chosen, active):
            return
        self._shown = (chosen, active)
        self.set_options(Option(self._line(label, label == chosen)) for label in self._labels)
        self.set_class(not active, "-waiting")
        if active:
            self.highlighted = self._labels.index(chosen) if chosen in self._labels else 0

    def _line(self, label: str, chosen: bool) -> Content:
        name = clean(label) if label != UNSURE else UNSURE_NAME
        return Content.assemble(
            f"{self._keys[label]}  ",
            (f"{name}{' ✓' if chosen else ''}", "bold" if chosen else ""),
        )
