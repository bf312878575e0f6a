"""The commands of the palette that choose how pictures are drawn, while the app runs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Protocol, get_args, runtime_checkable

from textual.app import App, SystemCommand

from xray_tui.config import PreviewMode
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal import change_pictures, default_renderer, doubt_about

_TITLE = "Pictures"


@runtime_checkable
class ShowsPictures(Protocol):
    """A widget that shows pictures, or names how they are drawn."""

    def change_renderer(self, renderer: Renderer) -> None:
        """Draw with ``renderer`` from now on."""


def picture_commands(app: App[Any]) -> Iterator[SystemCommand]:
    """A command for each setting; the one in use says so."""
    for mode in get_args(PreviewMode):
        title, text = "automatic", "the best that the terminal shows"
        if mode != "auto":
            title = renderer_named(mode).title
            text = "in use" if default_renderer().name == mode else "until the app ends"
        yield SystemCommand(f"{_TITLE}: {title}", text, partial(_choose, app, mode))


def _choose(app: App[Any], mode: PreviewMode) -> None:
    renderer = change_pictures(mode)
    draw_with(app, renderer)
    app.notify(f"Pictures are drawn with {renderer.title}.", title=_TITLE, markup=False)
    warn_of_pictures(app)


def draw_with(app: App[Any], renderer: Renderer) -> None:
    """Let all widgets draw their pictures with ``renderer`` from now on."""
    for screen in app.screen_stack:
        for widget in screen.walk_children():
            if isinstance(widget, ShowsPictures):
                widget.change_renderer(renderer)


def warn_of_pictures(app: App[Any]) -> None:
    """Say it where this terminal may be unable to show pictures in the way that was chosen."""
    if doubt := doubt_about(default_renderer()):
        app.notify(doubt, title=_TITLE, severity="warning", markup=False, timeout=10)
