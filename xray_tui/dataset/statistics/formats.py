"""Statistics for programs: CSV, and values for JSON. The names of columns and keys stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from xray_tui.dataset.files.csv_text import csv_lines
from xray_tui.dataset.review.tallies import Tally
from xray_tui.dataset.statistics.gathering import Row, Statistics, Table

_DIGITS = 4


def as_json(statistics: Statistics) -> dict[str, object]:
    """All numbers as values that JSON knows."""
    return {
        **_numbers(statistics.total),
        "tables": [
            {"by": list(table.by), "rows": [_row(table, row) for row in table.rows]}
            for table in statistics.tables
        ],
        **asdict(statistics.summary),
        "reasons": [one._asdict() for one in statistics.summary.reasons],
        "days": [one._asdict() for one in statistics.summary.days],
        "agreement": [pair.as_json() for pair in statistics.pairs],
    }


def as_csv(tables: Sequence[Table]) -> Iterator[bytes]:
    """The lines of a CSV file.

    A single table has a column for each of its properties. Several tables have the columns ``by``
    and ``value`` instead; what is between several names or values is a ``/``.
    """
    if len(tables) == 1:
        (table,) = tables
        heads, lines = table.by, (([*row.values], row.tally) for row in table.rows)
    else:
        heads = ("by", "value")
        lines = (
            (["/".join(table.by), "/".join(map(text_of, row.values))], row.tally)
            for table in tables
            for row in table.rows
        )
    return csv_lines(_with_heads(heads, lines))


def text_of(value: object) -> str:
    """A value as people write it; empty for None."""
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)


def _with_heads(
    heads: Sequence[str], lines: Iterable[tuple[Sequence[object], Tally]]
) -> Iterator[Sequence[object]]:
    yield [*heads, *_numbers(Tally())]
    for names, tally in lines:
        yield [*map(text_of, names), *_numbers(tally).values()]


def _row(table: Table, row: Row) -> dict[str, object]:
    values = dict(zip(table.by, row.values, strict=True))
    return {"values": values, **_numbers(row.tally)}


def _numbers(tally: Tally) -> dict[str, object]:
    share, per_accepted = tally.acceptance.value, tally.per_accepted
    return {
        "images": tally.images,
        "accepted": tally.accepted,
        "rejected": tally.rejected,
        "undecided": tally.undecided,
        "purged": tally.purged,
        "accepted_share": None if share is None else round(share, _DIGITS),
        "images_per_accepted": None if per_accepted is None else round(per_accepted, _DIGITS),
    }
