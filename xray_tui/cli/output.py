"""What the command line prints."""

from __future__ import annotations

from typing import NoReturn

import typer

from xray_tui.text import clean


def fail(message: str, code: int = 2) -> NoReturn:
    """Print ``message`` to standard error, made safe for a terminal, and exit with ``code``."""
    typer.echo(f"xray-tui: {clean(message, keep_newlines=True)}", err=True)
    raise SystemExit(code)


def say(text: str) -> None:
    """Print one line to standard output, made safe for a terminal."""
    typer.echo(clean(text))


def note(text: str) -> None:
    """Print one line beside the result, to standard error, made safe for a terminal."""
    typer.echo(f"xray-tui: {clean(text)}", err=True)
