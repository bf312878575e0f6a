"""The loupe: one image, as large as fits."""

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

from xray_tui.dataset.opinions import Decision
from xray_tui.text import clean
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.sources import FilePicture
from xray_tui.tui.pictures.view import Frame, greys_text, zoom_text
from xray_tui.tui.review.flash import Flash
from xray_tui.tui.review.gallery.filmstrip import Filmstrip
from xray_tui.tui.review.histogram import Histogram
from xray_tui.tui.review.viewer import Viewer
from xray_tui.tui.stylesheet import stylesheet_for

_LOW = 30
"""With fewer rows than this, the histogram has one row."""
_HIGH = 40
"""From this number of rows on, there is a filmstrip; in less the image would be too small."""
_STRIP_SHARE = 9
"""A thumbnail of the filmstrip has one in this many rows."""
_NARROW = 72
"""With fewer columns than this, the histogram is hidden."""


class Loupe(Viewer):
    """Shows an image with its title and its histogram. Zoom and window stay from image to image.

    In a high terminal, its neighbours are in ``filmstrip``, whose pictures are loaded later. If a
    file cannot be shown, a message takes the place of the image.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Loupe"

    @dataclass
    class Loaded(Message):
        """The latest image was read, or turned out to be unreadable."""

        readable: bool

    def __init__(
        self, filmstrip: Filmstrip, renderer: Renderer | None = None, id: str | None = None
    ) -> None:
        super().__init__(id)
        self.filmstrip = filmstrip
        self._renderer = renderer
        self._title = ""
        self._flash = Flash(self, self._show_title)

    def compose(self) -> ComposeResult:
        yield Static(id="loupe-title", markup=False)
        yield PictureView(self._renderer)
        yield self.filmstrip
        with Horizontal():
            yield Histogram()
            yield Static(id="loupe-status", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Leave more rows to the image in a small terminal."""
        self.update_classes(
            {"-low": event.size.height < _LOW, "-narrow": event.size.width < _NARROW}
        )
        self.filmstrip.display = event.size.height >= _HIGH
        self.filmstrip.styles.height = event.size.height // _STRIP_SHARE + 1
        self.show_status()

    # -- called by the screen ----------------------------------------------------------------------

    def show(self, path: Path, title: str, ahead: Sequence[Path] = ()) -> None:
        """Show the image in ``path``; those ``ahead`` are loaded in advance."""
        self._title = clean(title)
        self._show_title()
        self._picture.show(FilePicture(path), tuple(FilePicture(one) for one in ahead))
        self.expect_pictures()

    def show_text(self, text: str) -> None:
        """Show ``text`` in place of an image."""
        self._title = ""
        self._show_title()
        self._picture.show_text(Content(clean(text)))
        self.show_status()

    def flash(self, decision: Decision) -> None:
        """Show ``decision`` for a moment; the next image may be shown already."""
        self._flash.show(decision)

    def _show_title(self) -> None:
        line = self.query_one("#loupe-title", Static)
        line.update(self._flash.next_to(self._title, line.content_size.width), layout=False)

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """Report whether the image could be read; the base class does the rest."""
        self.post_message(self.Loaded(event.rendered is not None))
        self.call_after_refresh(self.filmstrip.load)

    # -- the status --------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """Size of the image and of its place on the screen; None while no image is shown."""
        return self._picture.frame

    def show_status(self) -> None:
        """Show zoom, window and size of the image."""
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
