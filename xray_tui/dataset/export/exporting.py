"""Exports images of a dataset to a folder in one of the formats."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import read_rule
from xray_tui.dataset.checks.backfill import Backfill
from xray_tui.dataset.export import selection, splitting
from xray_tui.dataset.export.card import card
from xray_tui.dataset.export.copying import Copier
from xray_tui.dataset.export.destination import Destination
from xray_tui.dataset.export.facts import Facts, reviewers_of
from xray_tui.dataset.export.formats import croissant
from xray_tui.dataset.export.formats.croissant import CROISSANT
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.table import SHARD_SIZE, SHARDS, find_format
from xray_tui.dataset.export.request import Request
from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.export.writer import Plan, Writer
from xray_tui.dataset.files import metadata
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.errors import DatasetError

CARD = "README.md"
_ROW_BYTES = 2_000
"""More than the rows of one image take."""
_SHARDED_BYTES = 4_000
"""More than a shard adds to each image: its row, its headers, and what they are rounded up to."""


@dataclass(frozen=True)
class Summary:
    """What was exported."""

    path: Path
    facts: Facts
    reused: int
    """Images that an interrupted export had written already."""


def export(
    root: Path, database: Database, path: Path, request: Request, report: ReportProgress
) -> Summary:
    """Export the images of ``request`` to the new folder ``path``, and check the result.

    After an error or a kill there is no folder ``path``; the same call continues.

    Raises:
        QueryError: the query cannot be understood.
        DatasetError: nothing was exported; the message says why. What can be known before
            anything is written is checked first.
    """
    make_writer = find_format(request)
    query = parse(request.query, SavedFilters(root).read())
    destination = Destination(path, root)
    if request.link:
        destination.check_same_disk()
    chosen = selection.choose(database, request.only, query, request.reviewer)
    if not chosen:
        raise DatasetError(selection.nothing_chosen(root, request.only, request.query, "export"))
    destination.check_room(_needed(root, chosen, request))
    if len(request.shares) > 1 and not all(one.phash for one in chosen):
        _examine(root, database, report)
        chosen = selection.choose(database, request.only, query, request.reviewer)
    splits = splitting.split(chosen, request.shares, request.seed)
    ids = [one.record_id for one in chosen]
    split_of = dict(zip(ids, splits, strict=True))
    plan = Plan(
        destination.part,
        Copier(root, request.size, request.link),
        {(one.region, one.label) for one in chosen},
        Counter(splits),
        request.shard_size or SHARD_SIZE,
    )
    content = request.as_json()
    with destination.writing(content):
        records = Catalog(root, database).chosen_records(ids)
        images = (
            Exported(
                record,
                conclusion,
                split_of[record.id],
                request.size or (record.width, record.height),
            )
            for record, conclusion in records
        )
        writer = make_writer(plan)
        writer.write(images, len(ids), report)
        rule, reviewers = read_rule(database), reviewers_of(database, ids)
        text = card(request, writer.usage(), writer.facts, rule, reviewers)
        with explained(destination.part):
            (destination.part / CARD).write_text(text, encoding="utf-8")
            if request.croissant:
                described = _described(writer, Catalog(root, database), ids)
                (destination.part / CROISSANT).write_text(described, encoding="utf-8")
        writer.check({CARD, *[CROISSANT] * request.croissant})
        destination.finish(content)
    return Summary(destination.path, writer.facts, writer.reused)


def _described(writer: Writer, catalog: Catalog, record_ids: list[int]) -> str:
    """The contents of ``croissant.json``. All records have the same columns."""
    record, conclusion = next(catalog.chosen_records(record_ids))
    columns = {name: type(value) for name, value in metadata.row(record, conclusion).items()}
    facts = writer.facts
    return croissant.text(facts.images, facts.last, writer.croissant(columns))


def _needed(root: Path, chosen: Iterable[Chosen], request: Request) -> int:
    """An upper bound of the bytes that the export takes."""
    if request.link:
        return sum(_ROW_BYTES for _ in chosen)
    row_bytes = _ROW_BYTES + _SHARDED_BYTES * (request.format in SHARDS)
    if request.size is not None:
        width, height = request.size
        return sum(row_bytes + 3 * _ROW_BYTES + width * height for _ in chosen)
    return sum(row_bytes + _bytes_of(root / one.file) for one in chosen)


def _bytes_of(path: Path) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - of many thousand files
    except OSError:
        return 0  # copying it will say what is wrong


def _examine(root: Path, database: Database, report: ReportProgress) -> None:
    """Examine the images that were not, so that near duplicates among them are found."""
    failures: list[DatasetError] = []
    backfill = Backfill(root, database, report, failures.append)
    backfill.start()
    backfill.wait()
    if failures:
        raise failures[0]
