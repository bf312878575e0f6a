"""Printing to the terminal: results, notes and errors."""

from __future__ import annotations

from typing import NoReturn

import typer

from xray_tui.environment import discard_output
from xray_tui.text import clean


def fail(message: str, code: int = 2) -> NoReturn:
    """Print ``message`` to standard error, with control characters made visible, and exit."""
    _print_error(f"xray-tui: {clean(message, keep_newlines=True)}")
    raise SystemExit(code)


def say(text: str) -> None:
    """Print one line to standard output, with control characters made visible."""
    typer.echo(clean(text))


def note(text: str) -> None:
    """Print a one-line remark to standard error, with control characters made visible."""
    _print_error(f"xray-tui: {clean(text)}")


def _print_error(text: str) -> None:
    try:
        typer.echo(text, err=True)
    except OSError:  # the exit code still says it
        discard_output(2)
