"""All renderers, and the functions that choose one."""

from __future__ import annotations

from xray_tui.tui.pictures.renderers.half_cells import HalfCells
from xray_tui.tui.pictures.renderers.kitty import Kitty
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.shades import Shades
from xray_tui.tui.pictures.renderers.sixel import Sixel
from xray_tui.tui.pictures.terminal_query import TerminalReply

HALF_CELLS = HalfCells()

RENDERERS: tuple[Renderer, ...] = (
    Sixel(),  # before kitty: Konsole and WezTerm know kitty's protocol, but no placeholders
    Kitty(),
    HALF_CELLS,
    Shades(),
)
"""In the order in which they are tried: the first that a terminal supports is used."""


def renderer_named(name: str) -> Renderer:
    """The renderer with this name in the settings; KeyError if there is none."""
    return {renderer.name: renderer for renderer in RENDERERS}[name]


def best_renderer(reply: TerminalReply) -> Renderer:
    """The first renderer that a terminal with this reply supports."""
    return next(renderer for renderer in RENDERERS if renderer.supported_by(reply))
