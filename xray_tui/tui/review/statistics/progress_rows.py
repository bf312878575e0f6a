"""Lines that show the progress of labels, fitted to a width: a name, a bar and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from xray_tui.dataset.review import bars
from xray_tui.dataset.review.index import LabelProgress
from xray_tui.text import clean

QUIET = "$text-muted"
ACCEPTED = (bars.ACCEPTED, "$success")
REJECTED = (bars.REJECTED, "$error")
_UNDECIDED = (bars.UNDECIDED, QUIET)
"""The parts of a bar."""
_MARK = ("┃", "$accent")
_NOT_GENERATED = ("·", "$border")

_HEADS = (
    (*ACCEPTED, "accepted"),
    (*REJECTED, "rejected"),
    (*_UNDECIDED, "undecided"),
    (*_MARK, "target"),
    ("", "", "missing"),
)
"""Sign, colour and name of each number; the signs are those in the bars."""
_BAR_HEADS = ("dataset decisions", "dataset")
"""Headings of the bars; the longest that fits is used. They say "dataset" because this reviewer's
own decisions may differ."""
_WORDS_FROM = 70
"""From this width on, numbers have names above them, not only signs."""
_WIDE = 100
"""From this width on, gaps are wider."""
_LEAST_NAME, _MOST_NAME = 10, 40
_LEAST_BAR = 6
MARK = "◆"
"""In front of a marked label, as in the gallery."""


@dataclass(frozen=True)
class BarRow:
    """The progress of one label, or the sum of several."""

    name: str
    progress: LabelProgress
    wanted: int | None = None
    """Accepted images needed; None for no target."""
    missing: int = 0
    """Images still needed to reach the target."""
    is_sum: bool = False
    """A sum has no mark in its bar: its target covers some labels, its images cover all."""
    is_region: bool = False
    """The sum of a region, which is a heading at the same time."""

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to show but the name."""
        return not (self.progress.images or self.wanted or (self.is_sum and not self.is_region))


@dataclass(frozen=True)
class Columns:
    """Widths of the parts of a line. A bar of width 0 is left out."""

    name: int
    bar: int
    numbers: tuple[int, ...]
    heads: tuple[Content, ...]
    """Headings of the numbers."""
    gap: int


def label_row(
    name: str, progress: LabelProgress, wanted: int | None, *, is_marked: bool = False
) -> BarRow:
    """The row of one label, shown as ``name``."""
    missing = max(0, (wanted or 0) - progress.accepted)
    return BarRow(f"{MARK if is_marked else ' '} {name}", progress, wanted, missing)


def sum_row(rows: Sequence[BarRow], region: str = "") -> BarRow:
    """The sum of ``rows``: of all labels, or of those below the heading ``region``."""
    parts = [row.progress for row in rows]
    numbers = (
        sum(getattr(part, name) for part in parts)
        for name in ("images", "accepted", "rejected", "mine")
    )
    targets = [row.wanted for row in rows if row.wanted is not None]
    return BarRow(
        region or "all",
        LabelProgress("", "", *numbers),
        sum(targets) if targets else None,
        sum(row.missing for row in rows),
        is_sum=True,
        is_region=bool(region),
    )


def fit_columns(rows: Sequence[BarRow], width: int) -> Columns:
    """Columns for ``width``: numbers come first, then names, then bars."""
    gap = 2 if width >= _WIDE else 1
    words = width >= _WORDS_FROM
    heads = tuple(
        Content.assemble((sign, style), (f"{' ' * bool(sign)}{name}" if words or not sign else ""))
        for sign, style, name in _HEADS
    )
    texts = [text for text, _ in _numbers(sum_row(rows))]
    numbers = tuple(
        max(head.cell_length, len(text)) for head, text in zip(heads, texts, strict=True)
    )
    room = width - sum(numbers) - gap * len(numbers)
    names = (name for row in rows if not row.is_idle for name in (row.name, row.progress.region))
    longest = max(map(cell_len, names), default=0)
    name = max(_LEAST_NAME, min(longest, _MOST_NAME, room * 5 // 8))
    bar = room - name - gap
    if bar < _LEAST_BAR:
        name, bar = max(1, room), 0
    return Columns(name, bar, numbers, heads, gap)


def head_line(columns: Columns) -> Content:
    """The headings of the columns."""
    bar_head = next((head for head in _BAR_HEADS if len(head) <= columns.bar), "")
    return _joined(Content("label"), Content(bar_head), columns.heads, columns).stylize_before(
        QUIET
    )


def bar_line(row: BarRow, columns: Columns) -> Content:
    """``row`` as one line."""
    if row.is_idle:
        width = head_line(columns).cell_length
        style = "bold $accent" if row.is_region else ""
        return Content.styled(clean(row.name), style).truncate(width, ellipsis=True, pad=True)
    wanted = None if row.is_sum else row.wanted
    bar = stacked_bar(row.progress, wanted, columns.bar) if columns.bar else Content()
    numbers = [Content.styled(text, style) for text, style in _numbers(row)]
    style = "bold $accent" if row.is_region else ""
    return _joined(Content.styled(clean(row.name), style), bar, numbers, columns)


def stacked_bar(progress: LabelProgress, wanted: int | None, width: int) -> Content:
    """Accepted, rejected and undecided images in ``width`` cells; each gets at least one cell.

    The whole width stands for all images, or for ``wanted`` ones if that is more. A mark shows how
    many must be accepted.
    """
    whole = max(progress.images, wanted or 0)
    counts = (progress.accepted, progress.rejected, progress.undecided, whole - progress.images)
    signs = (ACCEPTED, REJECTED, _UNDECIDED, _NOT_GENERATED)
    cells = [
        sign
        for sign, length in zip(signs, bars.lengths(counts, width), strict=True)
        for _ in range(length)
    ]
    if wanted:
        cells[max(1, round(wanted * width / whole)) - 1] = _MARK
    return Content.assemble(*cells)


def _numbers(row: BarRow) -> list[tuple[str, str]]:
    """Texts and styles of the numbers of ``row``."""
    progress = row.progress
    target = ("", "") if row.wanted is None else (f"{row.wanted:,}", "")
    missing = ("met", "$text-success") if row.wanted else ("", "")
    if row.missing:
        missing = (f"{row.missing:,}", "$text-warning")
    counts = (progress.accepted, progress.rejected, progress.undecided)
    return [*((f"{count:,}", "" if count else QUIET) for count in counts), target, missing]


def _joined(name: Content, bar: Content, numbers: Sequence[Content], columns: Columns) -> Content:
    gap = " " * columns.gap
    parts = [name.truncate(columns.name, ellipsis=True, pad=True)]
    if columns.bar:
        parts += [Content(gap), bar, Content(" " * (columns.bar - bar.cell_length))]
    for number, width in zip(numbers, columns.numbers, strict=True):
        parts += [Content(gap + " " * (width - number.cell_length)), number]
    return Content().join(parts)
