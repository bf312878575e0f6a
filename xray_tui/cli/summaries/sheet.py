"""``xray-tui sheet``: a contact sheet of the images, for a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xray_tui.cli.options import (
    DatasetOption,
    FilterOption,
    OnlyOption,
    ReviewerOption,
    parse_only,
)
from xray_tui.cli.output import say
from xray_tui.config import load_settings
from xray_tui.text import counted

EXAMPLES = """\b
Examples:
  xray-tui sheet ~/samples.png
  xray-tui sheet ~/report.pdf --columns 4 --per-label 8
  xray-tui sheet ~/chests.png --filter region:chest --seed 7
  xray-tui sheet ~/samples.png --only all --force
"""


def sheet(  # noqa: PLR0913 - one argument for each flag
    *,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="The file to write: .png, or .pdf in pages of A4.")
    ],
    dataset: DatasetOption = None,
    only: OnlyOption = "accepted",
    query: FilterOption = "",
    columns: Annotated[int, typer.Option(min=1, max=16, help="Images in a row.")] = 6,
    per_label: Annotated[
        int, typer.Option("--per-label", min=1, max=10_000, help="The most images of one label.")
    ] = 6,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the choice of images.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Replace a file of this name.")] = False,
    reviewer: ReviewerOption = None,
) -> None:
    """Draw some accepted images of each label on a sheet.

    Under each image are its prompt and its seed. The same images and the same --seed give the same
    sheet. A PNG is marked as synthetic, as the images are.

    Exit code: 0 written, 2 wrong usage or input, or it could not be written.
    """
    settings = load_settings().with_flags(dataset=dataset, reviewer=reviewer)
    which = parse_only(only)
    from xray_tui.cli.rebuild_question import opened_catalog, progress_bar
    from xray_tui.dataset.files.review_log import current_user
    from xray_tui.dataset.sheet.choosing import SheetRequest
    from xray_tui.dataset.sheet.making import make_sheet
    from xray_tui.dataset.sheet.target import Target

    request = SheetRequest(
        settings.reviewer or current_user(), which, query.strip(), seed, columns, per_label
    )
    with opened_catalog(settings.dataset) as (root, database):
        target = Target(out, root, replace=force)
        with progress_bar() as report:
            made = make_sheet(root, database, target, request, report)
    images, labels = counted(made.images, "image"), counted(made.labels, "label")
    pages = f" on {counted(made.pages, 'page')}" if target.is_pdf else ""
    say(f"Wrote {images} of {labels}{pages} to {made.path}")
