"""``xray-tui reviews``: the opinions of several reviewers, here and on other machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len

from xray_tui.cli.options import DatasetOption, JsonOption
from xray_tui.cli.output import fail, note, say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.dataset.opinions import RULES, Rule
from xray_tui.dataset.queue.job_details import since
from xray_tui.text import clean, counted, quoted

if TYPE_CHECKING:
    from xray_tui.dataset.catalog.database import Database
    from xray_tui.dataset.review.merging import MergeResult

app = typer.Typer(
    help="Merge, list, compare or export the opinions of reviewers.", no_args_is_help=True
)

_MEANING: dict[Rule, str] = {
    "latest": "the last decision counts",
    "majority": "the decision of more reviewers counts; undecided on a tie",
    "unanimous": "accepted if all accept, rejected if anyone rejects",
}


@app.command("merge")
def merge(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="A dataset, a reviews.jsonl file, or a folder with several of them.",
        ),
    ],
    dataset: DatasetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge reviews from other machines into the dataset.

    A dataset keeps its reviews in .xray-tui/reviews.jsonl; in other folders every .jsonl file is
    read. For each image and reviewer, the latest review counts; merging again changes nothing.
    """
    from xray_tui.cli.rebuild_question import progress_bar
    from xray_tui.dataset.review.merging import merge as merge_files

    with _opened(dataset) as (root, database), progress_bar() as report:
        merged = merge_files(root, database, files, report)
    for result in merged:
        if as_json:
            typer.echo(json.dumps(asdict(result) | {"path": str(result.path)}))
        else:
            _say_merged(result)


@app.command("list")
def list_reviewers(dataset: DatasetOption = None, as_json: JsonOption = False) -> None:
    """List the reviewers and how many decisions each has made."""
    from xray_tui.dataset.catalog.review_rows import read_rule
    from xray_tui.dataset.review.summary import reviewer_counts

    with _opened(dataset) as (root, database):
        found, rule = reviewer_counts(database), read_rule(database)
    if as_json:
        for one in found:
            typer.echo(json.dumps(asdict(one)))
        return
    if not found:
        say(f"No reviews yet. To start: {command('review', dataset=root)}")
        return
    now = datetime.now(UTC)
    rows = [
        (one.reviewer, *map(str, (one.decided, one.accepted, one.rejected)), since(one.last, now))
        for one in found
    ]
    _say_table(("reviewer", "decided", "accepted", "rejected", "last"), rows)
    say("")
    _say_rule(rule)


@app.command("rule")
def rule(
    wanted: Annotated[
        str | None,
        typer.Argument(
            metavar="RULE", help=f"New rule: {', '.join(RULES)}; without it, the rule is shown."
        ),
    ] = None,
    dataset: DatasetOption = None,
) -> None:
    """Show or set the rule for the dataset's decision.

    latest: the last decision counts. majority: the decision of more reviewers counts; undecided on
    a tie. unanimous: accepted if all accept, rejected if anyone rejects.
    """
    from xray_tui.dataset.catalog.review_rows import read_rule, write_rule

    chosen = next((known for known in RULES if known == wanted), None)
    if wanted is not None and chosen is None:
        fail(f"{quoted(wanted)} is not a rule; the rules are {', '.join(RULES)}")
    with _opened(dataset) as (_, database):
        if chosen is not None:
            write_rule(database, chosen)
        _say_rule(chosen or read_rule(database))


@app.command("export")
def export(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="CSV file; replaced if it exists.")
    ],
    dataset: DatasetOption = None,
    reviewer: Annotated[str, typer.Option(metavar="NAME", help="Only this reviewer.")] = "",
) -> None:
    """Write all reviews to a CSV file.

    The file has one row for each image and reviewer; the column verdict is the dataset's decision.
    An image without a review has one row, with an empty reviewer.
    """
    from xray_tui.dataset.review.export import export as write_csv

    with _opened(dataset) as (_, database):
        count = write_csv(database, file, reviewer)
    say(f"Wrote {counted(count, 'row')} to {file}")


@app.command("agreement")
def agreement(dataset: DatasetOption = None, as_json: JsonOption = False) -> None:
    """Show how well each pair of reviewers agrees.

    Cohen's kappa, over the images that both decided on: 1 is full agreement, 0 is chance.
    """
    from xray_tui.dataset.blind.report import kappa_text, percent
    from xray_tui.dataset.review.summary import KAPPA, pair_agreements

    with _opened(dataset) as (_, database):
        found = list(pair_agreements(database))
    if as_json:
        for pair in found:
            typer.echo(json.dumps(pair.as_json()))
        return
    if not found:
        say("No two reviewers have decided on the same image.")
        return
    rows = []
    for pair in found:
        agreed = pair.agreement.agreed
        names, share = f"{pair.first}, {pair.second}", percent(agreed.value)
        rows.append((names, str(agreed.total), share, kappa_text(pair.agreement)))
    _say_table(("reviewers", "images", "agreed", "kappa"), rows)
    say("")
    say(KAPPA)


@contextmanager
def _opened(given: str | None) -> Iterator[tuple[Path, Database]]:
    """The root and the catalog of an existing dataset. Prints the repairs made on opening it.

    Decisions that the block changes are written to metadata.jsonl at its end.
    """
    from xray_tui.cli.rebuild_question import catalog_of, existing_dataset
    from xray_tui.dataset.catalog.catalog import Catalog
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.dataset.repair.mending import write_decisions

    folder = load_settings().with_flags(dataset=given).dataset
    existing_dataset(folder)
    with catalog_of(Dataset(folder)) as (root, database):
        yield root, database
        write_decisions(root, Catalog(root, database))


def _say_merged(result: MergeResult) -> None:
    from xray_tui.dataset.review.merging import remarks

    say(f"{result.path}: merged {counted(result.taken, 'review')} ({result.known:,} already known)")
    for remark in remarks([result]):
        note(remark)


def _say_rule(rule: Rule) -> None:
    say(f"Rule: {rule} ({_MEANING[rule]})")


def _say_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; all columns but the first are aligned to the right."""
    lines = [heads, *([clean(cell) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        padded = [
            " " * (width - cell_len(cell)) + cell
            for cell, width in zip(others, widths[1:], strict=True)
        ]
        say("  ".join([first + " " * (widths[0] - cell_len(first)), *padded]))
