"""Checks, before the app or the review starts, that the terminal can show it."""

from __future__ import annotations

from xray_tui import environment
from xray_tui.cli.output import fail
from xray_tui.multiplexer import correct_colours


def take_terminal(without: str) -> None:
    """Make the terminal ready for the app, or exit with code 2 and a sentence.

    ``without`` is the sentence for a process without a terminal.
    """
    if not environment.in_terminal():
        fail(without)
    if environment.terminal_name() == "dumb":
        fail(
            "TERM is dumb, so this terminal cannot show the app; use another terminal, or set "
            "TERM to the name of yours, such as xterm-256color. Commands work here: xray-tui --help"
        )
    environment.prepare_terminal()
    correct_colours()
