"""Finds out how this terminal shows pictures, once, in ``prepare_pictures`` before the app runs.

Another way to show them can be chosen while it runs, with ``change_pictures``.
"""

from __future__ import annotations

import fcntl
import io
import struct
import sys
import termios
from dataclasses import dataclass, replace

from rich.console import Console
from textual import constants

from xray_tui.config import PreviewMode
from xray_tui.environment import is_terminal, set_variable, terminal_name, variable
from xray_tui.multiplexer import in_screen, in_tmux
from xray_tui.tui.pictures.renderers.greys import Colours
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.table import best_renderer, renderer_named
from xray_tui.tui.pictures.terminal_query import (
    NO_REPLY,
    CellSize,
    TerminalReply,
    ask,
    has_placeholders,
)
from xray_tui.tui.pictures.tmux_client import tmux_client

USUAL_CELL = CellSize(10, 20)
_CONSOLE = "linux"


@dataclass
class _Terminal:
    """The results of ``prepare_pictures``."""

    renderer: Renderer
    cell: CellSize = USUAL_CELL
    answer: TerminalReply = NO_REPLY
    """What the terminal replied; in tmux, what tmux replied in its place."""
    reply: TerminalReply | None = None
    """What it can show; None if the terminal was not asked."""
    colours: Colours = "truecolor"
    setting: PreviewMode = "auto"


_terminal = _Terminal(best_renderer(NO_REPLY))


def prepare_pictures(setting: PreviewMode) -> Renderer:
    """Decide how pictures are shown, for :func:`default_renderer`.

    This may query the terminal, so call it before ``App.run()`` and in the main thread. If stdin or
    stdout is not a terminal, pictures are drawn as in one that does not reply.
    """
    _terminal.cell, _terminal.reply, _terminal.colours = USUAL_CELL, None, "truecolor"
    if not _in_terminal():
        return change_pictures("auto")
    _terminal.colours = _colours()
    # Choosing a renderer that needs no reply also helps where a query disturbs the terminal.
    if setting == "auto" or renderer_named(setting).needs_reply:
        _terminal.answer = _ask()
        _terminal.reply = _behind_tmux(_terminal.answer) if in_tmux() else _terminal.answer
        _terminal.cell = _terminal.reply.cell or USUAL_CELL
        if _terminal.reply.all_colours and _terminal.colours != "truecolor":
            set_variable("COLORTERM", "truecolor")  # Textual looks for it, and so do editors
            _terminal.colours = _colours()
    return change_pictures(setting)


def change_pictures(setting: PreviewMode) -> Renderer:
    """Show pictures in another way from now on: the renderer for :func:`default_renderer`."""
    reply, colours = _terminal.reply or NO_REPLY, _terminal.colours
    _terminal.setting = setting
    if setting == "auto":
        _terminal.renderer = best_renderer(reply, colours)
    else:
        _terminal.renderer = renderer_named(setting, reply, colours)
    _terminal.renderer.prepare()
    return _terminal.renderer


def is_in_tmux() -> bool:
    """Whether pictures are shown by tmux, in a terminal that may be replaced."""
    return _terminal.reply is not None and _terminal.reply.in_tmux


def attach() -> None:
    """Choose again, as tmux shows the window in a terminal that may be another one."""
    if _terminal.reply is not None:
        _terminal.reply = _behind_tmux(_terminal.answer)
        change_pictures(_terminal.setting)


def doubt_about(renderer: Renderer) -> str:
    """Why ``renderer`` may not work in this terminal; empty if nothing speaks against it."""
    reply = _terminal.reply
    if reply is None or renderer.supported_by(reply):
        return ""
    return (
        f"This terminal does not say that it shows {renderer.title}. {renderer.remedy(reply)}"
        "If pictures are missing or odd, choose Pictures: automatic in the palette (ctrl+p)."
    )


def _colours() -> Colours:
    """The colours that Textual finds this terminal to have; it asks Rich, in the same way."""
    console = Console(
        color_system=constants.COLOR_SYSTEM,  # type: ignore[arg-type]
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
    )
    if console.color_system == "standard":
        return "console" if terminal_name() == _CONSOLE else "standard"
    return "256" if console.color_system == "256" else "truecolor"


def _in_terminal() -> bool:
    return all(map(is_terminal, (sys.__stdin__, sys.__stdout__)))


def _ask() -> TerminalReply:
    terminal = terminal_name() or "dumb"
    if terminal in ("dumb", _CONSOLE):  # these would print the query
        return TerminalReply(quadrants=terminal != _CONSOLE)
    inside = in_tmux() or in_screen() or terminal.startswith(("screen", "tmux"))
    assert sys.__stdin__ is not None and sys.__stdout__ is not None
    sys.__stdout__.flush()
    reply = ask(
        sys.__stdin__.fileno(),
        sys.__stdout__.fileno(),
        # tmux and screen would mistake the query of kitty's protocol for a window title.
        kitty=not inside,
        # screen would print this one, and it calls itself so on another host as well.
        colour=_terminal.colours != "truecolor" and not inside,
    )
    if reply.name or inside:
        return reply
    # A program that was started in another terminal inherits this name, but most have their own.
    return replace(reply, name=variable("TERM_PROGRAM"))


def _behind_tmux(reply: TerminalReply) -> TerminalReply:
    """The abilities of the terminal in which tmux shows what it replied ``reply`` to."""
    client = tmux_client()
    if client is None:
        return reply
    return replace(
        reply,
        in_tmux=True,
        passed_on=client.passed_on,
        kitty=client.passed_on and has_placeholders(client.name),
        sixel=reply.sixel and "sixel" in client.features,
        all_colours="RGB" in client.features,
    )


def default_renderer() -> Renderer:
    """The renderer for pictures now; before any is chosen, that of a terminal without reply."""
    return _terminal.renderer


def reported_name() -> str:
    """The name and version that the terminal reported; empty if it did not, or was not asked."""
    return (_terminal.reply or NO_REPLY).name


def cell_size() -> CellSize:
    """The size of a cell in pixels, read each time because it changes with the font."""
    stream = sys.__stdout__
    try:
        if stream is not None and is_terminal(stream):
            answer = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))
            rows, columns, width, height = struct.unpack("HHHH", answer)
            if rows and columns and width >= columns and height >= rows:
                return CellSize(width // columns, height // rows)
    except (OSError, ValueError):
        pass
    return _terminal.cell
