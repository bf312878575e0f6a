"""``xray-tui help``: the manual on the command line."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from xray_tui.errors import ManualError, SettingsError

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
    _print_page(_with_own_keys(page.text))


def _with_own_keys(text: str) -> str:
    """``text`` with the keys of the user's settings; help is there even if these are wrong."""
    from xray_tui.config import load_settings
    from xray_tui.manual.remapping import with_keys

    try:
        return with_keys(text, load_settings().keys)
    except SettingsError:
        return text


def _list_pages() -> None:
    from xray_tui.manual.pages import pages

    width = max(len(page.name) for page in pages())
    for page in pages():
        typer.echo(f"{page.name:{width}}  {page.summary}")
    typer.echo("\nxray-tui help TOPIC prints a page; in the app, F1 opens the manual.")


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
