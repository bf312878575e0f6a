"""``xray-tui stats``: how many images are accepted, by label, prompt, parameter or slot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui import environment
from xray_tui.cli.options import DatasetOption, FilterOption, ReviewerOption
from xray_tui.cli.output import fail, say
from xray_tui.commands import command
from xray_tui.config import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from xray_tui.dataset.statistics.gathering import Statistics, Table

EXAMPLES = """\b
Examples:
  xray-tui stats
  xray-tui stats --by sex,view
  xray-tui stats --by prompt --filter region:chest
  xray-tui stats --by label,steps --csv > acceptance.csv
"""
_WIDTH = 80
"""Of the tables in a file or a pipe."""


def stats(
    *,
    dataset: DatasetOption = None,
    by: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="One table by these, such as sex,view: properties of images, or slots.",
        ),
    ] = "",
    query: FilterOption = "",
    reviewer: ReviewerOption = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the tables as CSV.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all numbers as one JSON object.")
    ] = False,
) -> None:
    """Count the images, and show how many of them are accepted.

    Without --by, there is a table for labels, models, prompts, schedulers, steps, guidance and
    each slot, and then how far reviewers agree. The decision is that of the dataset.

    Exit code: 0 done, 2 wrong usage or input.
    """
    if as_csv and as_json:
        fail("use only one of --csv and --json")
    settings = load_settings().with_flags(dataset=dataset, reviewer=reviewer)
    from xray_tui.cli.rebuild_question import opened_catalog
    from xray_tui.dataset.files.review_log import current_user
    from xray_tui.dataset.query.parsing import parse
    from xray_tui.dataset.query.saved_filters import SavedFilters
    from xray_tui.dataset.statistics import formats
    from xray_tui.dataset.statistics.gathering import ImageCounter
    from xray_tui.dataset.statistics.groups import parse_groups, slots_in

    with opened_catalog(settings.dataset) as (root, database):
        counter = ImageCounter(
            database,
            parse(query, SavedFilters(root).read()),
            settings.reviewer or current_user(),
            hide_votes=settings.hide_votes,
        )
        found = counter.statistics(parse_groups(by, slots_in(database)) if by else ())
    if as_json:
        typer.echo(json.dumps(formats.as_json(found)))
    elif as_csv:
        for line in formats.as_csv(found.tables):
            typer.echo(line, nl=False)
    elif found.total.images or found.total.purged:
        _print_tables(found, root, query)
    else:
        say(f"No image matches {query}" if query else "No images yet.")


def _print_tables(found: Statistics, root: Path, query: str) -> None:
    from rich.console import Console

    from xray_tui.dataset.statistics.panels import panels

    def all_of(table: Table) -> str:
        filtered = ("--filter", query) if query else ()
        return command("stats", "--by", ",".join(table.by), *filtered, dataset=root)

    width = environment.output_width() or _WIDTH
    console = Console(width=width, highlight=False)
    for part in panels(found, width, all_of):
        console.print(part, soft_wrap=True)  # a command can be copied, however long
