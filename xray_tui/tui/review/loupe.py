"""The loupe: one image as large as there is room for, to be looked at closely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from xray_tui.text import clean
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.sources import FilePicture
from xray_tui.tui.pictures.view import Frame, greys_text, zoom_text
from xray_tui.tui.review.histogram import Histogram
from xray_tui.tui.review.viewer import Viewer
from xray_tui.tui.stylesheet import stylesheet_for

_LOW = 30
"""Rows below which the histogram has one row."""

_NARROW = 72
"""Columns below which there is no room for it beside the status."""


class Loupe(Viewer):
    """Shows an image with its title and its greys. Zoom and window stay from image to image.

    A file that cannot be shown is a sentence in its place.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Loupe"

    @dataclass
    class Tried(Message):
        """The image asked for last was read, or cannot be."""

        readable: bool

    def __init__(self, renderer: Renderer | None = None, id: str | None = None) -> None:
        super().__init__(id)
        self._renderer = renderer

    def compose(self) -> ComposeResult:
        yield Static(id="loupe-title", markup=False)
        yield PictureView(self._renderer)
        with Horizontal():
            yield Histogram()
            yield Static(id="loupe-status", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the rows for the picture in a small place."""
        self.set_class(event.size.height < _LOW, "-low")
        self.set_class(event.size.width < _NARROW, "-narrow")
        self.show_status()

    # -- what the screen calls ---------------------------------------------------------------------

    def show(self, path: Path, title: str, ahead: Sequence[Path] = ()) -> None:
        """Show the image in ``path``; those ``ahead`` are made ready to be shown at once."""
        self.query_one("#loupe-title", Static).update(Content(clean(title)), layout=False)
        self._picture.show(FilePicture(path), tuple(FilePicture(one) for one in ahead))
        self.expect_pictures()

    def show_text(self, text: str) -> None:
        """Show ``text``: there is no image."""
        self.query_one("#loupe-title", Static).update("", layout=False)
        self._picture.show_text(Content(clean(text)))
        self.show_status()

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """Tell whether there is a picture; the rest is done by the base class."""
        self.post_message(self.Tried(event.rendered is not None))

    # -- the status --------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """The picture's size, and its room."""
        return self._picture.frame

    def show_status(self) -> None:
        """Zoom, greys and size of what is shown."""
        rendered = self._picture.rendered
        self.query_one(Histogram).show(rendered.histogram if rendered else (), self.view.edges)
        place, greys = self.place_text(), greys_text(self.view)
        if self.has_class("-narrow"):
            lines = [zoom_text(self.view), greys]
        elif rendered is not None:
            lines = [place, greys, f"{rendered.size[0]}×{rendered.size[1]} pixels"]
        else:
            lines = [place, greys]
        separator = " · " if self.has_class("-low") else "\n"
        self.query_one("#loupe-status", Static).update(Content(separator.join(lines)), layout=False)

    @property
    def _picture(self) -> PictureView:
        return self.query_one(PictureView)
