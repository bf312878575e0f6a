"""Finds out how this terminal shows pictures, once, in ``prepare_pictures`` before the app runs."""

from __future__ import annotations

import fcntl
import struct
import sys
import termios
from dataclasses import dataclass

from xray_tui.config import PreviewMode
from xray_tui.environment import in_multiplexer, is_terminal, terminal_name
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.table import HALF_CELLS, best_renderer, renderer_named
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply, ask

USUAL_CELL = CellSize(10, 20)


@dataclass
class _Terminal:
    """The results of ``prepare_pictures``."""

    renderer: Renderer = HALF_CELLS
    cell: CellSize = USUAL_CELL
    name: str = ""


_terminal = _Terminal()


def prepare_pictures(setting: PreviewMode) -> Renderer:
    """Decide how pictures are shown, for :func:`default_renderer`.

    This may query the terminal, so call it before ``App.run()`` and in the main thread. If stdin or
    stdout is not a terminal, pictures are drawn with half cells.
    """
    _terminal.renderer, _terminal.cell = HALF_CELLS, USUAL_CELL
    if _in_terminal():
        chosen = None if setting == "auto" else renderer_named(setting)
        # Choosing a renderer that needs no reply also helps where a query disturbs the terminal.
        reply = _ask() if chosen is None or chosen.needs_reply else TerminalReply()
        _terminal.cell = reply.cell or USUAL_CELL
        _terminal.name = reply.name
        _terminal.renderer = chosen or best_renderer(reply)
        _terminal.renderer.prepare()
    return _terminal.renderer


def _in_terminal() -> bool:
    return all(map(is_terminal, (sys.__stdin__, sys.__stdout__)))


def _ask() -> TerminalReply:
    terminal = terminal_name() or "dumb"
    if terminal in ("dumb", "linux"):  # these would print the query
        return TerminalReply()
    inside = in_multiplexer()
    multiplexed = inside or terminal.startswith(("screen", "tmux"))
    assert sys.__stdin__ is not None and sys.__stdout__ is not None
    sys.__stdout__.flush()
    # tmux and screen would mistake the query of kitty's protocol for a window title.
    return ask(sys.__stdin__.fileno(), sys.__stdout__.fileno(), kitty=not multiplexed)


def default_renderer() -> Renderer:
    """The renderer that the last :func:`prepare_pictures` chose; at first, half cells."""
    return _terminal.renderer


def reported_name() -> str:
    """The name and version that the terminal reported; empty if it did not, or was not asked."""
    return _terminal.name


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
