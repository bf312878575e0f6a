"""``xray-tui export``: copies images to a folder that training code loads as it stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui.cli.generate import parse_size
from xray_tui.cli.options import DatasetOption, FilterOption, OnlyOption, ReviewerOption, parse_only
from xray_tui.cli.output import fail, note, say
from xray_tui.config import load_settings
from xray_tui.parameters import MAX_SIDE
from xray_tui.text import counted, quoted

if TYPE_CHECKING:
    from xray_tui.dataset.export.exporting import Summary
    from xray_tui.dataset.export.request import Request

EXAMPLES = """\b
Examples:
  xray-tui export imagefolder ~/accepted
  xray-tui export imagefolder ~/release --split 80/10/10 --seed 7
  xray-tui export folder ~/classes --split 80/20 --size 128x128
  xray-tui export csv ~/table --style chexgenbench
  xray-tui export coco ~/coco --split 80/10/10 --croissant
  xray-tui export parquet ~/parquet
  xray-tui export webdataset ~/shards --shard-size 500
  xray-tui export imagefolder ~/chests --only all --filter region:chest
"""
_SMALLEST = 16
"""Pixels of a side."""


def export(  # noqa: PLR0913 - one argument for each flag
    *,
    format_name: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT", help="imagefolder, folder, csv, coco, parquet or webdataset."
        ),
    ],
    destination: Annotated[
        Path, typer.Argument(metavar="DEST", help="The folder to write; must not exist yet.")
    ],
    dataset: DatasetOption = None,
    only: OnlyOption = "accepted",
    query: FilterOption = "",
    split: Annotated[
        str | None,
        typer.Option(metavar="SHARES", help="Split in percent: 80/10/10, or 80/20 without val."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The seed of the split.")] = 0,
    size: Annotated[
        str | None, typer.Option(metavar="WxH", help="Scale the images to this size.")
    ] = None,
    link: Annotated[
        bool, typer.Option("--link", help="Hard links instead of copies, on the same disk.")
    ] = False,
    shard_size: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Images in a file of parquet or webdataset; default 1000."
        ),
    ] = None,
    croissant: Annotated[
        bool,
        typer.Option("--croissant", help="Also write croissant.json, which describes the export."),
    ] = False,
    style: Annotated[
        str,
        typer.Option(metavar="STYLE", help="Columns of csv: chexpert, chexgenbench, roentgen-v2."),
    ] = "",
    reviewer: ReviewerOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a summary as one JSON object.")
    ] = False,
) -> None:
    """Copy accepted images to a folder that training code loads.

    imagefolder: for load_dataset of Hugging Face, with metadata.jsonl. folder: for torchvision, a
    folder for each label. csv: tables for readers of CheXpert, or with the columns of --style.
    coco: images, and their labels as categories in COCO's JSON. parquet: the images themselves in
    tables, for load_dataset; needs pip install 'xray-tui[parquet]'. webdataset: tar files, for
    webdataset and load_dataset.

    The images keep all that they say about themselves, and a README.md describes them. DEST appears
    when all is written and checked; after an interruption the same command continues.

    Exit code: 0 exported, 2 wrong usage or input, or it could not be written.
    """
    settings = load_settings().with_flags(dataset=dataset, reviewer=reviewer)
    from xray_tui.dataset.export.request import Request
    from xray_tui.dataset.export.splitting import NO_SPLIT, parse_shares
    from xray_tui.dataset.files.review_log import current_user

    if size is not None and link:
        fail("--size makes other files, and --link keeps them; use only one of them")
    request = Request(
        format_name,
        settings.reviewer or current_user(),
        parse_only(only),
        query.strip(),
        shares=NO_SPLIT if split is None else parse_shares(split),
        seed=seed,
        size=_sides(size),
        link=link,
        shard_size=shard_size,
        croissant=croissant,
        style=style,
    )
    from xray_tui.cli.rebuild_question import opened_catalog, progress_bar
    from xray_tui.dataset.export.exporting import export as write

    with opened_catalog(settings.dataset) as (root, database):
        try:
            with progress_bar() as report:
                done = write(root, database, destination, request, report)
        except KeyboardInterrupt:
            note("interrupted; the same command continues")
            raise
    if as_json:
        _print_json(done)
    else:
        _print_text(done, request)


def _sides(size: str | None) -> tuple[int, int] | None:
    """Width and height.

    Raises:
        ParameterError: ``size`` is not of the form ``WxH``.
    """
    sides = parse_size(size)
    if not sides:
        return None
    if not all(_SMALLEST <= side <= MAX_SIDE for side in sides.values()):
        fail(f"--size {quoted(str(size))}: use sides of {_SMALLEST} to {MAX_SIDE} pixels")
    return sides["width"], sides["height"]


def _print_json(done: Summary) -> None:
    facts = done.facts
    counts = [
        {"region": region, "label": label, "split": split, "images": images}
        for (region, label, split), images in sorted(facts.counts.items())
    ]
    summary = {
        "path": str(done.path),
        "images": facts.images,
        "splits": facts.splits,
        "labels": counts,
        "reused": done.reused,
    }
    typer.echo(json.dumps(summary))


def _print_text(done: Summary, request: Request) -> None:
    from xray_tui.dataset.export.splitting import NAMES

    facts = done.facts
    say(f"Exported {counted(facts.images, 'image')} to {done.path}")
    if len(facts.splits) > 1:
        say(", ".join(f"{split}: {images:,}" for split, images in facts.splits.items()))
    if done.reused:
        say(f"Continued an interrupted export: {counted(done.reused, 'image')} already copied")
    for split in NAMES[len(request.shares)]:
        lacking = [
            f"{region}/{label}"
            for region, label in facts.labels
            if not facts.counts[region, label, split]
        ]
        if lacking:
            note(f"no image in {split}, as there are too few: {', '.join(lacking)}")
