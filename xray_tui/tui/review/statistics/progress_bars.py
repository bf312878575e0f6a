"""A list of labels, each with a bar and numbers, below the sum of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.targets import Label
from xray_tui.names import SCRATCH
from xray_tui.text import counted
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

_IDLE = "labels without images"
"""After the region, in the heading of labels with neither images nor a target."""


@dataclass(frozen=True)
class _Row:
    """A line of the list: a label, or the heading of several."""

    labels: tuple[Label, ...]
    name: str = ""
    """Of a heading."""
    is_idle: bool = False
    """Whether these labels are not all of the region, but those without images."""

    @property
    def is_heading(self) -> bool:
        return bool(self.name)

    def is_like(self, other: _Row) -> bool:
        """Whether both are the row of the same label, or headings of the same name."""
        return self.name == other.name and (self.is_heading or self.labels == other.labels)


class LabelRows(OptionList):
    """The rows of regions and labels."""

    HELP_TITLE = "Labels"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound(
            "open",
            "select",
            "Target",
            tooltip="number of accepted images for this label, region, or all marked labels",
        ),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without labels, there is nothing to set a target for."""
        return action != "select" or self.option_count > 0


class ProgressBars(Vertical):
    """Shows the progress of each label, by region. Labels can be marked."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Labels"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("toggle", "mark", "Mark", tooltip="mark the label or the region"),
        bound("mark_all", "mark_all", "Mark all", tooltip="or none"),
    ]

    class Moved(Message):
        """The cursor moved to another row, or the marks changed."""

    @dataclass
    class TargetRequested(Message):
        """The user wants to set the target of ``labels``, which ``name`` describes."""

        labels: tuple[Label, ...]
        name: str

    def __init__(self) -> None:
        super().__init__()
        self._progress: list[LabelProgress] = []
        self._rows: list[_Row] = []
        self._targets: Mapping[Label, int] = {}
        self._marked: set[Label] = set()

    def compose(self) -> ComposeResult:
        yield Static(id="progress-head", markup=False)
        yield Static(id="progress-sum", markup=False)
        yield LabelRows(compact=True, markup=False)
        yield Static(EMPTY, id="progress-empty", markup=False)

    def show(self, progress: Iterable[LabelProgress], targets: Mapping[Label, int]) -> None:
        """Show these labels, sorted by region and label; the cursor stays on its row.

        Labels with neither images nor a target come last.
        """
        self._targets = targets
        self._progress = sorted(
            progress, key=lambda one: (self._is_idle(one), one.region, one.label)
        )
        self._rebuild()

    @property
    def highlighted(self) -> Label | None:
        """The label under the cursor; None on the row of a region."""
        row = self._row_under_cursor
        return row.labels[0] if row is not None and not row.is_heading else None

    @property
    def selected(self) -> tuple[tuple[Label, ...], str]:
        """The labels that a target is set for, and what to call them: the marked ones if any."""
        if self._marked:
            marked = tuple(label for label in self._labels if label in self._marked)
            return marked, f"{counted(len(marked), 'marked label')}"
        row = self._row_under_cursor
        if row is None:
            return (), ""
        if row.is_heading:
            region, number = row.labels[0][0], counted(len(row.labels), "label")
            return row.labels, f"{region}, {number}{' without images' if row.is_idle else ''}"
        return row.labels, " / ".join(row.labels[0])

    # -- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable marks while there are no labels."""
        return action not in ("mark", "mark_all") or bool(self._rows)

    def action_mark(self) -> None:
        """Mark the label or the region under the cursor, or remove the mark, and move on."""
        row = self._row_under_cursor
        if row is not None:
            self._toggle(row.labels)
            self._list.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all labels but those of ad-hoc prompts; if all are marked, none."""
        self._toggle(tuple(label for label in self._labels if label[0] != SCRATCH))

    def action_unmark(self) -> bool:
        """Remove all marks; False if there are none."""
        had_marks = bool(self._marked)
        self._marked.clear()
        self._rebuild()
        return had_marks

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        labels, name = self.selected
        if labels:
            self.post_message(self.TargetRequested(labels, name))

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

    @property
    def _labels(self) -> tuple[Label, ...]:
        return tuple((one.region, one.label) for one in self._progress)

    @property
    def _row_under_cursor(self) -> _Row | None:
        at = self._list.highlighted
        return None if at is None or at >= len(self._rows) else self._rows[at]

    def _toggle(self, labels: Sequence[Label]) -> None:
        """Mark ``labels``, or remove their marks if all of them are marked."""
        if self._marked.issuperset(labels):
            self._marked.difference_update(labels)
        else:
            self._marked.update(labels)
        self._rebuild()
        self.post_message(self.Moved())

    def _is_idle(self, one: LabelProgress) -> bool:
        return not one.images and (one.region, one.label) not in self._targets

    def _heading(self, one: LabelProgress) -> str:
        return f"{one.region}, {_IDLE}" if self._is_idle(one) else one.region

    def _bar(self, one: LabelProgress) -> BarRow:
        label = (one.region, one.label)
        return label_row(one.label, one, self._targets.get(label), is_marked=label in self._marked)

    def _rebuild(self) -> None:
        """Write all lines again, with the cursor on the same row."""
        before = self._row_under_cursor
        bars = {one: self._bar(one) for one in self._progress}
        scroll_bar = 1
        widths = fit_columns(list(bars.values()), max(20, self.content_size.width - scroll_bar))
        lines: list[BarRow] = []
        self._rows = []
        for heading, group in groupby(self._progress, key=self._heading):
            members = list(group)
            labels = tuple((one.region, one.label) for one in members)
            lines.append(sum_row([bars[one] for one in members], heading))
            region = tuple(label for label in self._labels if label[0] == heading)
            self._rows.append(_Row(region or labels, heading, is_idle=not region))
            for one, label in zip(members, labels, strict=True):
                lines.append(bars[one])
                self._rows.append(_Row((label,)))
        self._list.set_options(Option(bar_line(line, widths)) for line in lines)
        first = 1 if self._rows else None
        self._list.highlighted = next(
            (at for at, row in enumerate(self._rows) if before is not None and row.is_like(before)),
            first,
        )
        self.query_one("#progress-head", Static).update(head_line(widths))
        self.query_one("#progress-sum", Static).update(
            bar_line(sum_row(list(bars.values())), widths)
        )
        for name in ("OptionList", "#progress-head", "#progress-sum"):
            self.query_one(name).display = bool(bars)
        self.query_one("#progress-empty").display = not bars
        self.refresh_bindings()
