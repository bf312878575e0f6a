"""``xray-tui blind``: lists the blind readings of a dataset and writes their reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui import environment
from xray_tui.cli.options import DatasetOption
from xray_tui.cli.output import note, say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.errors import DatasetError
from xray_tui.keymap import key_of, use_keys
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.dataset.blind.overview import Overview
    from xray_tui.dataset.blind.results import Results

app = typer.Typer(help="List blind readings, or report on one.", no_args_is_help=True)


@app.command("list")
def list_sessions(
    dataset: DatasetOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per session.")
    ] = False,
) -> None:
    """List the sessions and the progress of each reviewer."""
    from xray_tui.dataset.blind.overview import overviews

    root = _root(dataset)
    sessions = overviews(root)
    if as_json:
        for overview in sessions:
            typer.echo(json.dumps(_as_json(overview)))
        return
    if not sessions:
        review = command("review", dataset=root)
        say(f"No blind readings. To start one: {review}, then press {key_of('blind')}")
    for overview in sessions:
        session = overview.session
        if session is None:
            say(f"{overview.name}  {overview.problem}")
            continue
        total = len(session.items)
        readers = [f"{name} {done} of {total}" for name, done in sorted(overview.complete.items())]
        images = f"{counted(total, 'image')}, {session.count('real')} of them real"
        say(f"{overview.name}  {images} · {', '.join(readers) or 'no answers yet'}")


def _as_json(overview: Overview) -> dict[str, object]:
    session = overview.session
    return {
        "name": overview.name,
        "problem": overview.problem,
        "images": len(session.items) if session else None,
        "real": session.count("real") if session else None,
        "complete": dict(overview.complete),
    }


@app.command("report")
def report(
    session: Annotated[str, typer.Argument(metavar="SESSION", help="Session name.")],
    dataset: DatasetOption = None,
) -> None:
    """Print and save the report of a session.

    It covers the answers so far, and is saved as Markdown and CSV. A terminal shows tables with
    bars; a file or a pipe gets the Markdown.
    """
    from xray_tui.dataset.blind.report import markdown, write_report
    from xray_tui.dataset.blind.results import results_of
    from xray_tui.dataset.blind.session import open_session

    root = _root(dataset)
    results = results_of(root, open_session(root, session))
    width = environment.output_width()
    if width is None:
        for line in markdown(results).splitlines():
            say(line)
    else:
        _print_tables(results, width)
    try:
        files = write_report(root, results)
    except DatasetError as error:
        note(f"the report was not saved: {error}")
        raise typer.Exit(1) from error
    for path in (files.markdown, files.measures, files.answers):
        note(f"saved: {path}")


def _print_tables(results: Results, width: int) -> None:
    from rich.console import Console

    from xray_tui.dataset.blind.report_panels import TERMINAL, panels

    parts = list(panels(results, TERMINAL, width))
    console = Console(width=width, highlight=False)
    console.width = max(width, *(console.measure(part).maximum for part in parts))
    for part in parts:
        console.print(part)


def _root(given: str | None) -> Path:
    from xray_tui.cli.rebuild_question import existing_dataset

    settings = load_settings().with_flags(dataset=given)
    use_keys(settings.keys)
    root = settings.dataset
    existing_dataset(root)
    return root
