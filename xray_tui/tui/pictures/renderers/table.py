"""All renderers, and the functions that choose one."""

from __future__ import annotations

from functools import lru_cache

from xray_tui.tui.pictures.renderers.greys import Colours
from xray_tui.tui.pictures.renderers.half_cells import HalfCells
from xray_tui.tui.pictures.renderers.iterm2 import InlineImages
from xray_tui.tui.pictures.renderers.kitty import Kitty
from xray_tui.tui.pictures.renderers.mosaics import Quadrants, Sextants
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.shades import Shades
from xray_tui.tui.pictures.renderers.sixel import Sixel
from xray_tui.tui.pictures.terminal_query import NO_REPLY, TerminalReply


@lru_cache(maxsize=64)
def renderers_for(reply: TerminalReply, colours: Colours) -> tuple[Renderer, ...]:
    """All renderers, for a terminal with this reply and these colours.

    They are in the order in which they are tried: the first that a terminal supports is used.
    """
    return (
        # Before Sixel, which these terminals know, too: fewer bytes, more greys.
        InlineImages(),
        # Before kitty: Konsole and WezTerm know kitty's protocol, but no placeholders.
        Sixel(in_tmux=reply.in_tmux),
        Kitty(in_tmux=reply.in_tmux),
        Sextants(colours),
        Quadrants(colours),
        HalfCells(colours),
        Shades(),
    )


def renderer_named(
    name: str, reply: TerminalReply = NO_REPLY, colours: Colours = "truecolor"
) -> Renderer:
    """The renderer with this name in the settings; KeyError if there is none."""
    return {one.name: one for one in renderers_for(reply, colours)}[name]


def best_renderer(reply: TerminalReply, colours: Colours = "truecolor") -> Renderer:
    """The first renderer that a terminal with this reply supports."""
    return next(one for one in renderers_for(reply, colours) if one.supported_by(reply))
