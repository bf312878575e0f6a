"""The report of a session as tables and bars, for a terminal and for the app."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.style import Style
from rich.table import Table
from rich.text import Text

from xray_tui.dataset.blind.answers import UNSURE_NAME
from xray_tui.dataset.blind.report import (
    KAPPA,
    about,
    how_to_read,
    interval,
    kappa_text,
    label_shares,
    origin_shares,
    percent,
)
from xray_tui.dataset.blind.results import Results
from xray_tui.dataset.blind.statistics import Agreement, Confusion, Share
from xray_tui.text import clean

_SHARE, _INTERVAL, _OUTSIDE, _CHANCE, _CHANCE_INSIDE = "●", "━", "·", "┊", "┿"
_LEGEND = f"{_SHARE} share   {_INTERVAL} 95 % interval"
_LONGEST_BAR = 60
_SHORTEST_BAR = 8
_LONGEST_NAME, _SHORTEST_NAME = 26, 12
_NAMES = 2
"""Columns at the left of a table that are not numbers."""
_NUMBERS = ("correct", "share", "95 % interval")
_GAP = 3
"""Cells between two columns."""
_GUESSING = 0.5
_BOLD = Style(bold=True)


@dataclass(frozen=True)
class Colours:
    """Styles of Rich."""

    good: Style
    wrong: Style
    quiet: Style
    heading: Style


TERMINAL = Colours(Style(color="green"), Style(color="yellow"), Style(dim=True), Style(bold=True))
"""For a terminal whose colours are not known."""


def panels(results: Results, colours: Colours, width: int) -> Iterator[Text | Table]:
    """The parts of the report, from top to bottom, for ``width`` cells."""
    heading = colours.heading
    title = f"Blind reading: {results.session.name}"
    yield Text.assemble((title, heading), "\n", clean(about(results), keep_newlines=True))
    if not results.reviewers:
        yield Text("\nNo answers yet.")
        return
    yield Text("\nReal or synthetic", heading)
    yield _share_table(origin_shares(results), colours, width, _GUESSING)
    legend = f"{_LEGEND}   {_CHANCE} guessing\n{how_to_read(results)}"
    yield Text(legend, colours.quiet)
    for reviewer in results.reviewers:
        name = clean(reviewer.reviewer)
        yield Text(f"\nAnswers of {name}", heading)
        yield _origin_table(reviewer.origins, colours)
    if results.session.asks_label:
        yield Text("\nLabel", heading)
        yield _share_table(label_shares(results), colours, width, None)
        yield Text(_LEGEND, colours.quiet)
        for reviewer in results.reviewers:
            if reviewer.labels.right.total:
                name = clean(reviewer.reviewer)
                yield Text(f"\nAnswers of {name}, one row per true label", heading)
                yield _label_table(reviewer.labels, colours)
    if results.pairs:
        yield Text("\nAgreement between reviewers", heading)
        yield _agreement_table(results, colours, width)
        yield Text(KAPPA, colours.quiet)


def interval_bar(share: Share, width: int, colours: Colours, chance: float | None) -> Text:
    """A share with its interval on a line from 0 to 1, and a mark at the share of ``chance``."""
    if share.value is None or share.interval is None:
        return Text()

    def place(value: float) -> int:
        return round(value * (width - 1))

    low, high = map(place, share.interval)
    cells = [
        (_INTERVAL, colours.good) if low <= at <= high else (_OUTSIDE, colours.quiet)
        for at in range(width)
    ]
    if chance is not None:
        at = place(chance)
        inside = low <= at <= high
        cells[at] = (_CHANCE_INSIDE if inside else _CHANCE, cells[at][1])
    cells[place(share.value)] = (_SHARE, colours.good + _BOLD)
    return Text.assemble(*cells)


def _table(colours: Colours) -> Table:
    return Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
        show_edge=False,
        header_style=colours.quiet,
        border_style=colours.quiet,
    )


def _bar_table(
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str], Share]],
    colours: Colours,
    width: int,
    chance: float | None,
) -> Table:
    """Texts and a bar in each row; the bar gets the rest of ``width``, if that is enough.

    The first two columns are names.
    """
    widths = [
        min(_LONGEST_NAME, max(map(cell_len, column)))
        for column in zip(heads, *(texts for texts, _ in rows), strict=True)
    ]
    room = width - sum(widths) - _GAP * (len(widths) + 1)
    if room < _SHORTEST_BAR:
        shorter = max(min(_SHORTEST_NAME, widths[0]), widths[0] - _SHORTEST_BAR + room)
        room += widths[0] - shorter
        widths[0] = shorter
    bar = min(_LONGEST_BAR, room) if room >= _SHORTEST_BAR else 0
    table = _table(colours)
    for number, (name, column) in enumerate(zip(heads, widths, strict=True)):
        table.add_column(
            name,
            width=column,
            justify="left" if number < _NAMES else "right",
            no_wrap=True,
            overflow="ellipsis",
        )
    if bar:
        table.add_column("0 %" + "100 %".rjust(bar - 3), width=bar, no_wrap=True)
    for texts, share in rows:
        bars = [interval_bar(share, bar, colours, chance)] if bar else []
        table.add_row(*texts, *bars)
    return table


def _share_table(
    shares: Iterable[tuple[str, str, Share]], colours: Colours, width: int, chance: float | None
) -> Table:
    rows = [((clean(name), measure, *_numbers(share)), share) for name, measure, share in shares]
    return _bar_table(("reviewer", "", *_NUMBERS), rows, colours, width, chance)


def _numbers(share: Share) -> tuple[str, str, str]:
    return f"{share.hits} of {share.total}", percent(share.value), interval(share)


def _origin_table(confusion: Confusion, colours: Colours) -> Table:
    table = _table(colours)
    table.add_column("")
    for column in confusion.columns:
        table.add_column(f"said {column}", justify="right")
    for truth, counts in zip(confusion.rows, confusion.counts, strict=True):
        cells = (
            _count(count, truth == said, colours)
            for said, count in zip(confusion.columns, counts, strict=True)
        )
        table.add_row(f"is {truth}", *cells)
    return table


def _label_table(confusion: Confusion, colours: Colours) -> Table:
    """Columns are numbered like the rows: with names the table would be too wide for a screen."""
    table = _table(colours)
    table.add_column("", justify="right", style=colours.quiet)
    table.add_column("", no_wrap=True)
    for number in range(1, len(confusion.rows) + 1):
        table.add_column(str(number), justify="right", no_wrap=True)
    if len(confusion.columns) > len(confusion.rows):
        table.add_column(UNSURE_NAME, justify="right", no_wrap=True)
    for number, (truth, counts) in enumerate(zip(confusion.rows, confusion.counts, strict=True), 1):
        cells = (
            _count(count, truth == said, colours)
            for said, count in zip(confusion.columns, counts, strict=True)
        )
        table.add_row(str(number), clean(truth), *cells)
    return table


def _count(count: int, right: bool, colours: Colours) -> Text:
    """A number of answers: right ones and wrong ones differ in colour and weight."""
    if not count:
        return Text(_OUTSIDE, colours.quiet)
    return Text(str(count), colours.good + _BOLD if right else colours.wrong)


def _agreement_table(results: Results, colours: Colours, width: int) -> Table:
    def row(name: str, what: str, found: Agreement) -> tuple[Sequence[str], Share]:
        return (name, what, *_numbers(found.agreed), kappa_text(found)), found.agreed

    rows = []
    for pair in results.pairs:
        names = f"{clean(pair.first)}, {clean(pair.second)}"
        rows.append(row(names, "origin", pair.origins))
        if pair.labels.agreed.total:
            rows.append(row("", "label", pair.labels))
    heads = ("reviewers", "", "agree", *_NUMBERS[1:], "kappa")
    return _bar_table(heads, rows, colours, width, None)
