"""Printing to the terminal: results, notes and errors."""

from __future__ import annotations

from typing import NoReturn

import typer

from xray_tui.text import clean


def fail(message: str, code: int = 2) -> NoReturn:
    """Print ``message`` to standard error, without control characters, and exit with ``code``."""
    typer.echo(f"xray-tui: {clean(message, keep_newlines=True)}", err=True)
    raise SystemExit(code)


def say(text: str) -> None:
    """Print one line to standard output, without control characters."""
    typer.echo(clean(text))


def note(text: str) -> None:
    """Print a remark, one line, to standard error, without control characters."""
    typer.echo(f"xray-tui: {clean(text)}", err=True)
