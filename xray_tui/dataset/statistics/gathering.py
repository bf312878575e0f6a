"""Counts the images of a dataset, group by group, with sums that SQLite makes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.query.parsing import Query
from xray_tui.dataset.query.sql import Piece, among
from xray_tui.dataset.review.summary import (
    PairAgreement,
    ReviewSummary,
    pair_agreements,
    review_summary,
)
from xray_tui.dataset.review.tallies import ACCEPTED, IMAGES, PURGED, REJECTED, Tally, opinions
from xray_tui.dataset.statistics import groups

Value = str | int | float | None
"""A value that images have in common; None if they have none, such as a slot of other prompts."""

_TABLES = (("region", "label"), ("model",), ("prompt",), ("scheduler",), ("steps",), ("guidance",))
"""The tables that are made if no others are asked for; one for each slot follows."""


class Row(NamedTuple):
    """The images with these values."""

    values: tuple[Value, ...]
    tally: Tally


@dataclass(frozen=True)
class Table:
    """All images, by the values of some properties or slots."""

    by: tuple[str, ...]
    rows: list[Row]
    """Sorted by their values."""


@dataclass(frozen=True)
class Statistics:
    """Numbers about the images that match a query."""

    total: Tally
    tables: list[Table]
    summary: ReviewSummary
    pairs: list[PairAgreement]


class _Counted(NamedTuple):
    group: Annotated[str, "listed.group_values"]
    images: Annotated[int, IMAGES]
    accepted: Annotated[int, ACCEPTED]
    rejected: Annotated[int, REJECTED]
    purged: Annotated[int, PURGED]


class ImageCounter:
    """Counts the images that match ``query``, as ``reviewer`` sees them. Reads only.

    Decision, rating, tags and notes in ``query`` are those of ``reviewer``. With ``hide_votes``,
    opinions of others on images that this reviewer has not decided on do not count.

    Every method raises the errors of :class:`~xray_tui.dataset.catalog.database.Database`.
    """

    def __init__(
        self, database: Database, query: Query, reviewer: str, *, hide_votes: bool = False
    ) -> None:
        self._database = database
        self._reviewer = storable(reviewer)
        self._hide_votes = hide_votes
        self._among = among(query, reviewer, hide_votes=hide_votes)

    def statistics(self, by: Sequence[str] = ()) -> Statistics:
        """Everything: with ``by``, one table by these properties and slots, otherwise the usual."""
        only = self._reviewer if self._hide_votes else None
        pairs = pair_agreements(self._database, self._among)
        return Statistics(
            self.total(),
            [self.table(tuple(by))] if by else self._usual_tables(),
            review_summary(self._database, only, self._among),
            [pair for pair in pairs if only in (None, pair.first, pair.second)],
        )

    def total(self) -> Tally:
        """All images; also the purged ones, if the query is empty."""
        return next((row.tally for row in self.table(()).rows), Tally())

    def table(self, by: tuple[str, ...]) -> Table:
        """The images by these properties and slots."""
        pieces = [groups.expression(name) for name in by]
        columns = ", ".join(sql for sql, _ in pieces)
        condition, bound = self._among
        selection = (
            f"SELECT json_array({columns}) AS group_values, record_id FROM {groups.IMAGES}"
            f" WHERE 1{condition}"
        )
        if not condition and groups.PURGED_HAVE.issuperset(by):
            selection += f" UNION ALL SELECT json_array({', '.join(by)}), NULL FROM purged"
        values = [value for _, some in pieces for value in some]
        return Table(by, self._rows((selection, [*values, *bound])))

    def _usual_tables(self) -> list[Table]:
        return [*map(self.table, _TABLES), *self._slot_tables()]

    def _slot_tables(self) -> list[Table]:
        """A table for each slot, read at once."""
        condition, bound = self._among
        rows = self._rows(
            (
                "SELECT json_array(slots.key, slots.value) AS group_values, record_id"
                f" FROM {groups.IMAGES} JOIN json_each(records.task, '$.slots') AS slots"
                f" WHERE 1{condition}",
                bound,
            )
        )
        tables: dict[Value, Table] = {}
        for (name, value), tally in rows:
            table = tables.setdefault(name, Table((str(name),), []))
            table.rows.append(Row((value,), tally))
        return list(tables.values())

    def _rows(self, selection: Piece) -> list[Row]:
        sql, values = selection
        found = self._database.select(
            _Counted,
            f"FROM ({sql}) AS listed{opinions(hide_votes=self._hide_votes)} GROUP BY 1",
            [*values, self._reviewer],
        )
        rows = [Row(tuple(json.loads(one.group)), Tally(*one[1:])) for one in found]
        return sorted(rows, key=lambda row: [_order(value) for value in row.values])


def _order(value: Value) -> tuple[int, float, str]:
    """Numbers first, then texts, then None."""
    if isinstance(value, str):
        return 1, 0, value
    return (2, 0, "") if value is None else (0, value, "")
