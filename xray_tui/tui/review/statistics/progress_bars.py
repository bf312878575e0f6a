"""A list of labels, each with a bar and numbers, below the sum of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.targets import Label
from xray_tui.text import clean
from xray_tui.tui.bindings import ROWS, bound
from xray_tui.tui.review.statistics.progress_rows import (
    BarRow,
    bar_line,
    fit_columns,
    head_line,
    label_row,
    sum_row,
)
from xray_tui.tui.stylesheet import stylesheet_for

EMPTY = (
    "Labels appear here as soon as there are images. To set targets before that, write the number "
    "of accepted images into targets.toml in the dataset folder:\n\n[chest]\nnormal = 200"
)

_IDLE = "no images yet"
"""Heading of labels with neither images nor a target."""


class LabelRows(OptionList):
    """The rows of the labels."""

    HELP_TITLE = "Labels"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Target", tooltip="number of accepted images needed"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without labels, there is nothing to set a target for."""
        return action != "select" or self.option_count > 0


class ProgressBars(Vertical):
    """Shows the progress of each label, by region."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Labels"

    class Moved(Message):
        """The cursor moved to another label."""

    @dataclass
    class TargetRequested(Message):
        """The user wants to set the target of a label."""

        label: Label

    def __init__(self) -> None:
        super().__init__()
        self._progress: list[LabelProgress] = []
        self._at: dict[int, LabelProgress] = {}
        """The label on each line of the list that is not a heading."""
        self._targets: Mapping[Label, int] = {}

    def compose(self) -> ComposeResult:
        yield Static(id="progress-head", markup=False)
        yield Static(id="progress-sum", markup=False)
        yield LabelRows(compact=True, markup=False)
        yield Static(EMPTY, id="progress-empty", markup=False)

    def show(self, progress: Iterable[LabelProgress], targets: Mapping[Label, int]) -> None:
        """Show these labels, sorted by region and label; the cursor stays on its label.

        Labels with neither images nor a target come last.
        """
        self._targets = targets
        self._progress = sorted(
            progress, key=lambda one: (self._is_idle(one), one.region, one.label)
        )
        self._rebuild()

    @property
    def highlighted(self) -> Label | None:
        """The label under the cursor."""
        at = self._list.highlighted
        one = None if at is None else self._at.get(at)
        return None if one is None else (one.region, one.label)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self.highlighted is not None:
            self.post_message(self.TargetRequested(self.highlighted))

    @on(OptionList.OptionHighlighted)
    def _cursor_moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved())

    # -- internals ---------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Fit the lines to the new size."""
        self._rebuild()

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    def _is_idle(self, one: LabelProgress) -> bool:
        return not one.images and (one.region, one.label) not in self._targets

    def _heading(self, one: LabelProgress) -> str:
        return _IDLE if self._is_idle(one) else one.region

    def _row(self, one: LabelProgress) -> BarRow:
        name = f"{one.region} / {one.label}" if self._is_idle(one) else one.label
        return label_row(name, one, self._targets.get((one.region, one.label)))

    def _rebuild(self) -> None:
        """Write all lines again, with the cursor on the same label."""
        label = self.highlighted
        rows = {one: self._row(one) for one in self._progress}
        scroll_bar = 1
        widths = fit_columns(list(rows.values()), max(20, self.content_size.width - scroll_bar))
        options: list[Option] = []
        self._at = {}
        for heading, group in groupby(self._progress, key=self._heading):
            options.append(Option(Content(clean(heading)), disabled=True))
            for one in group:
                self._at[len(options)] = one
                options.append(Option(bar_line(rows[one], widths)))
        self._list.set_options(options)
        places = {(one.region, one.label): at for at, one in self._at.items()}
        self._list.highlighted = places.get(label or ("", ""), 1) if places else None
        self.query_one("#progress-head", Static).update(head_line(widths))
        self.query_one("#progress-sum", Static).update(
            bar_line(sum_row(list(rows.values())), widths)
        )
        for name in ("OptionList", "#progress-head", "#progress-sum"):
            self.query_one(name).display = bool(rows)
        self.query_one("#progress-empty").display = not rows
        self.refresh_bindings()
