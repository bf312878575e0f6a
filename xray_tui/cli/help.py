"""``xray-tui help``: the manual on the command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Annotated

import typer

from xray_tui.cli.output import note
from xray_tui.errors import ManualError, SettingsError
from xray_tui.keymap import key_of, use_keys

WIDEST = 100
"""Columns of a page; longer lines are hard to read."""

EXAMPLES = """\b
Examples:
  xray-tui help
  xray-tui help review
  xray-tui help jobs | less
"""


def help_page(
    context: typer.Context,
    topic: Annotated[
        str | None,
        typer.Argument(
            metavar="TOPIC", help="A page, or the beginning of its name; default: list the pages."
        ),
    ] = None,
) -> None:
    """Read the manual: list its pages, or print the page about TOPIC."""
    from xray_tui.manual.pages import find_page
    from xray_tui.manual.remapping import with_keys

    if topic is None:
        _list_pages()
        return
    try:
        page = find_page(topic)
    except ManualError as error:
        if not _is_command(context, topic):
            raise
        text = f"{topic} is a command; for its options: xray-tui {topic} --help"
        raise ManualError(text) from error
    _print_page(with_keys(page.text, _own_keys()))


def _own_keys() -> Mapping[str, str]:
    """The keys of the user's settings; if these are wrong, help says so and has the usual keys."""
    from xray_tui.config import load_settings

    try:
        return load_settings().keys
    except SettingsError as error:
        for line in (*str(error).splitlines(), "help names the usual keys until this is mended"):
            note(line)
        return {}


def _list_pages() -> None:
    from xray_tui.manual.pages import pages

    use_keys(_own_keys())
    width = max(len(page.name) for page in pages())
    for page in pages():
        typer.echo(f"{page.name:{width}}  {page.summary}")
    manual = key_of("manual")
    typer.echo(f"\nxray-tui help TOPIC prints a page; in the app, {manual} opens the manual.")


def _is_command(context: typer.Context, name: str) -> bool:
    return name in getattr(context.find_root().command, "commands", {})


def _print_page(text: str) -> None:
    """Print plain text to a pipe; on a terminal print in colour, with a pager for long pages."""
    from rich.console import Console
    from rich.theme import Theme

    from xray_tui.manual.rendering import (
        PLAIN_STYLES,
        ManualMarkdown,
        command_line_text,
        render_page,
    )

    console = Console(theme=Theme(dict(PLAIN_STYLES)), highlight=False)
    console.width = min(console.width, WIDEST)
    text = command_line_text(text, colours=console.is_terminal)
    if not console.is_terminal:
        typer.echo("\n".join(render_page(text, console.width, PLAIN_STYLES).texts))
        return
    page = ManualMarkdown(text, hyperlinks=False)
    if len(console.render_lines(page)) >= console.height:
        os.environ.setdefault("LESS", "-R")  # without it, less shows colours as their codes
        with console.pager(styles=True):
            console.print(page)
    else:
        console.print(page)
