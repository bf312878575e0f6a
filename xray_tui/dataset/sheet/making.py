"""Makes a contact sheet of a dataset: chooses the images, draws them, writes the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from xray_tui.commands import command
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.export.selection import Chosen, Only, choose, nothing_chosen
from xray_tui.dataset.files.pixels import UnreadableImageError, read_greyscale
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.dataset.sheet.choosing import LabelImages, SheetRequest, choose_for_labels
from xray_tui.dataset.sheet.drawing import Layout, SheetText
from xray_tui.dataset.sheet.target import About, Target
from xray_tui.errors import DatasetError
from xray_tui.text import counted

HIGHEST = 30_000
"""Pixels of a PNG: about 100 rows of six. Programs that show images often refuse more."""
MOST_PAGES = 40
"""Pages of a PDF: all of them are in memory."""
_ADJECTIVES: dict[Only, str] = {
    "accepted": "accepted ",
    "not-rejected": "accepted or undecided ",
    "all": "",
}


@dataclass(frozen=True)
class Made:
    """What is on a sheet."""

    path: Path
    images: int
    labels: int
    pages: int


def make_sheet(
    root: Path, database: Database, target: Target, request: SheetRequest, report: ReportProgress
) -> Made:
    """Write the sheet of ``request``.

    Raises:
        QueryError: the query cannot be understood.
        DatasetError: nothing was written; the message says why.
    """
    query = parse(request.query, SavedFilters(root).read())
    chosen = choose(database, request.only, query, request.reviewer)
    if not chosen:
        raise DatasetError(nothing_chosen(root, request.only, request.query, "show"))
    labels = choose_for_labels(chosen, request.per_label, request.seed)
    models = _models(database, labels)
    title = f"Synthetic radiographs: {root.name}"
    layout = Layout(
        SheetText(title, _lines(labels, len(chosen), models, request)), labels, request.columns
    )
    names = [f"{one.region}/{one.label}" for one in labels]
    about = About(title, names, models)
    images = sum(len(one.images) for one in labels)
    read = _reader(root, images, report)
    pages = 1
    if target.is_pdf:
        pages = len(layout.pages())
        if pages > MOST_PAGES:
            raise DatasetError(
                f"the sheet would have {counted(pages, 'page')}, and {MOST_PAGES} are possible; "
                "show fewer images with --per-label or --filter, or smaller ones with --columns"
            )
        target.write_pdf(layout.draw_pages(read), about)
    elif layout.height > HIGHEST:
        raise DatasetError(
            f"the sheet would be {layout.height:,} pixels high, and {HIGHEST:,} are possible; "
            "write a .pdf, or show fewer images with --per-label"
        )
    else:
        target.write_png(layout.draw_one(read), about)
    return Made(target.path, images, len(labels), pages)


def _reader(root: Path, images: int, report: ReportProgress) -> Callable[[Chosen], Image.Image]:
    done = 0

    def read(image: Chosen) -> Image.Image:
        nonlocal done
        path = root / image.file
        try:
            found = read_greyscale(path)
        except DatasetError as error:
            if path.exists() and not isinstance(error, UnreadableImageError):
                raise
            raise DatasetError(
                f"{error}; repair the dataset, then try again: "
                f"{command('verify', '--repair', dataset=root)}"
            ) from error
        done += 1
        report("drawing images", done, images)
        return found

    return read


def _models(database: Database, labels: Sequence[LabelImages]) -> list[str]:
    """The models that made the images, by name."""
    ids = [image.record_id for one in labels for image in one.images]
    return database.column(
        str,
        "SELECT DISTINCT model FROM images WHERE model != ''"
        " AND record_id IN (SELECT value FROM json_each(?)) ORDER BY model",
        [json.dumps(ids)],
    )


def _lines(
    labels: Sequence[LabelImages], among: int, models: Sequence[str], request: SheetRequest
) -> list[str]:
    shown = sum(len(one.images) for one in labels)
    images = counted(among, f"{_ADJECTIVES[request.only]}image")
    matching = f" that match {request.query}" if request.query else ""
    made_by = ", ".join(models)
    return [
        f"{shown:,} of {images}{matching}, chosen with seed {request.seed}",
        f"Made by a trained model ({made_by}), not from patients.",
    ]
