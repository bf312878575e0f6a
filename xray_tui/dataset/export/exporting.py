"""Exports images of a dataset to a folder in one of the formats."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from xray_tui.commands import command
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import read_rule
from xray_tui.dataset.checks.backfill import Backfill
from xray_tui.dataset.export import checking, selection, splitting
from xray_tui.dataset.export.card import card
from xray_tui.dataset.export.copying import Copier
from xray_tui.dataset.export.destination import Destination
from xray_tui.dataset.export.facts import Facts, reviewers_of
from xray_tui.dataset.export.format import Exported, Format
from xray_tui.dataset.export.formats import find_format
from xray_tui.dataset.export.request import Request
from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.errors import DatasetError

CARD = "README.md"
_THREADS = 4
_AT_ONCE = 200
"""Images whose files are written while the rows of the next ones are made."""
_ROW_BYTES = 2_000
"""More than the rows of one image take."""


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
    make_format = find_format(request.format, request.style)
    query = parse(request.query, SavedFilters(root).read())
    destination = Destination(path, root)
    if request.link:
        destination.check_same_disk()
    chosen = selection.choose(database, request.only, query, request.reviewer)
    if not chosen:
        raise DatasetError(_nothing(root, request))
    destination.check_room(_needed(root, chosen, request))
    if len(request.shares) > 1 and not all(one.phash for one in chosen):
        _examine(root, database, report)
        chosen = selection.choose(database, request.only, query, request.reviewer)
    form = make_format({one.region for one in chosen})
    splits = splitting.split(chosen, request.shares, request.seed)
    ids = [one.record_id for one in chosen]
    split_of = dict(zip(ids, splits, strict=True))
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
        writer = _Writer(form, Copier(root, request.size, request.link), destination.part)
        writer.write(images, len(ids), report)
        text = card(request, form, writer.facts, read_rule(database), reviewers_of(database, ids))
        with explained(destination.part):
            (destination.part / CARD).write_text(text, encoding="utf-8")
        checking.check(destination.part, form, writer.tables, {CARD}, writer.facts.images)
        destination.finish(content)
    return Summary(destination.path, writer.facts, writer.reused)


class _Writer:
    """Writes images and tables into the folder ``part``."""

    def __init__(self, form: Format, copier: Copier, part: Path) -> None:
        self._form = form
        self._copier = copier
        self._part = part
        self._files: dict[str, BinaryIO] = {}
        self.facts = Facts()
        self.reused = 0

    @property
    def tables(self) -> list[str]:
        """The tables, relative to the folder."""
        return list(self._files)

    def write(self, images: Iterable[Exported], total: int, report: ReportProgress) -> None:
        """Write all ``images``.

        Raises:
            DatasetError: an image or a table could not be written.
        """
        done = 0
        with explained(self._part), ExitStack() as stack:  # closing a table writes, too
            pool = stack.enter_context(ThreadPoolExecutor(_THREADS))
            stack.callback(pool.shutdown, cancel_futures=True)
            running: Iterator[bool] = iter(())
            remaining = iter(images)
            while part := list(islice(remaining, _AT_ONCE)):
                for image in part:
                    self._write_rows(image, stack)
                self.reused += sum(not is_new for is_new in running)
                report("exporting images", done, total)
                running = pool.map(self._copy, part)
                done += len(part)
            self.reused += sum(not is_new for is_new in running)
            report("exporting images", done, total)

    def _write_rows(self, image: Exported, stack: ExitStack) -> None:
        self.facts.add(image)
        for table, row in self._form.rows(image):
            path = self._part / table
            with explained(path):
                if table not in self._files:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self._files[table] = stack.enter_context(path.open("wb"))
                    self._files[table].write(self._form.head(table))
                self._files[table].write(row)

    def _copy(self, image: Exported) -> bool:
        return self._copier.copy(image.record.file, self._part / self._form.path(image))


def _needed(root: Path, chosen: Iterable[Chosen], request: Request) -> int:
    """An upper bound of the bytes that the export takes."""
    if request.link:
        return sum(_ROW_BYTES for _ in chosen)
    if request.size is not None:
        width, height = request.size
        return sum(_ROW_BYTES * 4 + width * height for _ in chosen)
    return sum(_ROW_BYTES + _bytes_of(root / one.file) for one in chosen)


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


def _nothing(root: Path, request: Request) -> str:
    if request.query:
        return f"no image to export: none matches {request.query} and is {_which(request)}"
    if request.only == "all":
        return "no image to export: the dataset is empty"
    review = command("review", dataset=root)
    return (
        f"no image to export: none is {_which(request)}; review them with {review}, or export "
        "the others, too, with --only all"
    )


def _which(request: Request) -> str:
    return {"accepted": "accepted", "not-rejected": "accepted or undecided", "all": "there"}[
        request.only
    ]
