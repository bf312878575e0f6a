"""Statistics as tables with bars, for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import nlargest

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.table import Table as RichTable
from rich.text import Text

from xray_tui.dataset.blind.report import NOTHING, kappa_text, percent
from xray_tui.dataset.blind.report_panels import TERMINAL
from xray_tui.dataset.blind.statistics import Share
from xray_tui.dataset.review import bars
from xray_tui.dataset.review.summary import KAPPA
from xray_tui.dataset.review.tallies import Tally
from xray_tui.dataset.statistics.formats import text_of
from xray_tui.dataset.statistics.gathering import Row, Statistics, Table
from xray_tui.text import clean, counted

MOST_ROWS = 20
"""Rows of a table among several; of more, those with the most images are shown."""
_PARTS = (
    (bars.ACCEPTED, TERMINAL.good),
    (bars.REJECTED, TERMINAL.wrong),
    (bars.UNDECIDED, TERMINAL.quiet),
)
_LEGEND = (
    f"{bars.ACCEPTED} accepted   {bars.REJECTED} rejected   {bars.UNDECIDED} undecided\n"
    "share: accepted of those decided; cost: decided images for each accepted one"
)
_HEADS = ("images", bars.ACCEPTED, bars.REJECTED, bars.UNDECIDED, "share", "cost")
_WORDS = ("images", "accepted", "rejected", "undecided", "share", "cost")
_WIDE = 100
"""From this width on, numbers have names above them, and gaps are wider."""
_LONGEST_NAME, _SHORTEST_NAME = 40, 14
_LONGEST_BAR, _SHORTEST_BAR = 40, 8

Cells = tuple[str, Text, Sequence[str]]
"""A row: a name, a bar, and numbers."""


def panels(
    statistics: Statistics, width: int, all_of: Callable[[Table], str]
) -> Iterator[Text | RichTable]:
    """The parts of the statistics, from top to bottom, for ``width`` cells.

    Of a table among several, only the largest rows are shown; ``all_of`` is the command that shows
    all.
    """
    total = statistics.total
    yield Text("\n".join(total_lines(total)), TERMINAL.heading)
    yield Text(f"\n{_LEGEND}", TERMINAL.quiet)
    is_alone = len(statistics.tables) == 1
    shown = [
        (table, table.rows if is_alone else _largest(table.rows)) for table in statistics.tables
    ]
    layout = _Layout(width, [total, *(row.tally for _, rows in shown for row in rows)], shown)
    for table, rows in shown:
        yield Text()
        yield layout.table(table, rows)
        if len(rows) < len(table.rows):
            more = len(table.rows) - len(rows)
            yield Text(f"… and {more:,} more: {all_of(table)}", TERMINAL.quiet)
    if is_alone:
        return
    yield from _reviewers(statistics, width)


def total_lines(total: Tally) -> list[str]:
    """All images in words."""
    lines = [
        f"{counted(total.images, 'image')}: {total.accepted:,} accepted, {total.rejected:,} "
        f"rejected, {total.undecided:,} undecided"
    ]
    if total.per_accepted is not None:
        lines.append(
            f"{percent(total.acceptance.value)} of those decided are accepted: "
            f"{total.per_accepted:.2f} decided for each accepted one"
        )
    if total.purged:
        lines.append(f"{counted(total.purged, 'rejected image')} purged, which count here, too")
    return lines


class _Layout:
    """Columns of the same widths for all tables: numbers come first, then names, then bars."""

    def __init__(
        self, width: int, tallies: Sequence[Tally], shown: Sequence[tuple[Table, Sequence[Row]]]
    ) -> None:
        self._heads = _WORDS if width >= _WIDE else _HEADS
        self._gap = 2 if width >= _WIDE else 1
        texts = [self._heads, *map(_numbers, tallies)]
        self._numbers = [max(map(cell_len, column)) for column in zip(*texts, strict=True)]
        names = ["/".join(table.by) for table, _ in shown]
        names += [_name(row) for _, rows in shown for row in rows]
        room = width - sum(self._numbers) - self._gap * (len(self._numbers) + 1)
        longest = min(_LONGEST_NAME, max(map(cell_len, names), default=_SHORTEST_NAME))
        self._name = min(longest, max(_SHORTEST_NAME, room - _SHORTEST_BAR - self._gap))
        self._bar = min(_LONGEST_BAR, room - self._name)
        if self._bar < _SHORTEST_BAR:
            self._bar = 0

    def table(self, table: Table, rows: Sequence[Row]) -> RichTable:
        """A table with a bar in each row."""
        found = RichTable(
            box=None,
            padding=(0, self._gap, 0, 0),
            pad_edge=False,
            header_style=TERMINAL.quiet,
        )
        head = Text(_fitted("/".join(table.by), self._name), TERMINAL.heading)
        found.add_column(head, width=self._name, no_wrap=True)
        if self._bar:
            found.add_column("", width=self._bar, no_wrap=True)
        for word, width in zip(self._heads, self._numbers, strict=True):
            found.add_column(word, width=width, justify="right", no_wrap=True)
        for row in rows:
            name = Text(_fitted(_name(row), self._name))
            bar = [_bar(row.tally, self._bar)] if self._bar else []
            found.add_row(name, *bar, *_numbers(row.tally))
        return found


def _reviewers(statistics: Statistics, width: int) -> Iterator[Text | RichTable]:
    """Who decided, how far they agree, and why images were rejected."""
    summary = statistics.summary
    if summary.reviewers:
        rows = [
            (
                one.reviewer,
                f"{one.decided:,}",
                f"{one.accepted:,}",
                f"{one.rejected:,}",
                percent(Share(one.accepted, one.decided).value),
            )
            for one in summary.reviewers
        ]
        yield Text()
        yield _plain_table(("reviewer", "decided", "accepted", "rejected", "share"), rows, width)
    if statistics.pairs:
        pairs = [
            (
                f"{pair.first}, {pair.second}",
                f"{pair.agreement.agreed.total:,}",
                percent(pair.agreement.agreed.value),
                kappa_text(pair.agreement),
            )
            for pair in statistics.pairs
        ]
        yield Text()
        yield _plain_table(("reviewers", "images", "agreed", "kappa"), pairs, width)
        yield Text(KAPPA, TERMINAL.quiet)
    if summary.disputed:
        yield Text(
            f"They disagree on {counted(summary.disputed, 'image')}: filter is:disputed",
            TERMINAL.quiet,
        )
    if summary.reasons:
        tags = [(tag, f"{reviews:,}") for tag, reviews in summary.reasons[:MOST_ROWS]]
        yield Text()
        yield _plain_table(("tag of rejected images", "reviews"), tags, width)


def _plain_table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> RichTable:
    """A name and numbers in each row."""
    table = RichTable(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style=Style(dim=True))
    numbers = sum(
        max(map(cell_len, column)) + 2 for column in list(zip(heads, *rows, strict=True))[1:]
    )
    first, *others = heads
    longest = max(_SHORTEST_NAME, width - numbers)
    table.add_column(Text(first, TERMINAL.heading), no_wrap=True)
    for head in others:
        table.add_column(head, justify="right", no_wrap=True)
    for name, *texts in rows:
        table.add_row(Text(_fitted(clean(name), longest)), *texts)
    return table


def _largest(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with the most images, in their order."""
    if len(rows) <= MOST_ROWS:
        return rows
    places = nlargest(MOST_ROWS, range(len(rows)), key=lambda at: (rows[at].tally.images, -at))
    return [rows[at] for at in sorted(places)]


def _numbers(tally: Tally) -> tuple[str, ...]:
    counts = (tally.images, tally.accepted, tally.rejected, tally.undecided)
    cost = NOTHING if tally.per_accepted is None else f"{tally.per_accepted:.2f}"
    return (*(f"{count:,}" for count in counts), percent(tally.acceptance.value), cost)


def _bar(tally: Tally, width: int) -> Text:
    counts = (tally.accepted, tally.rejected, tally.undecided)
    cells = zip(_PARTS, bars.lengths(counts, width), strict=True)
    return Text.assemble(*((sign * length, style) for (sign, style), length in cells))


def _name(row: Row) -> str:
    return "/".join(clean(text_of(value)) or NOTHING for value in row.values)


def _fitted(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells: what is left out is in the middle.

    Models in one folder differ in the end of their names, prompts in the beginning.
    """
    if cell_len(text) <= width:
        return text
    end = (width - 1) * 2 // 3
    start = width - 1 - end
    return f"{set_cell_size(text, start)}…{set_cell_size(text[::-1], end)[::-1]}"
