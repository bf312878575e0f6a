"""A picture in a pane: as large as fits, by the terminal's graphics or by characters."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual import work
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.timer import Timer
from textual.visual import VisualType
from textual.widget import Widget

from xray_tui.text import clean
from xray_tui.tui.pictures.drawing import Drawing, drawn_pixels
from xray_tui.tui.pictures.kitty import MAX_CELLS
from xray_tui.tui.pictures.maker import PictureMaker, Request
from xray_tui.tui.pictures.painting import area, paint, sixel_in
from xray_tui.tui.pictures.sources import Source
from xray_tui.tui.pictures.terminal import PictureMode, cell_size, picture_mode
from xray_tui.tui.pictures.terminal_backlog import line_is_busy
from xray_tui.tui.pictures.view import Frame, View
from xray_tui.tui.stylesheet import stylesheet_for

_SYNCHRONISED = "\x1b[?2026h\x1b7{}\x1b8\x1b[?2026l"
"""One change of the screen for terminals that know it; the cursor stays where it was."""

_RETRY_SECONDS = 0.05


class PictureView(Widget):
    """Shows a source, or a text where there is none.

    Graphics and characters do not mix well: a Sixel covers whatever was drawn before, and is cut
    by what is written later. So graphics are only used while the whole picture is in sight. Under a
    dialog, a toast or anything else it is drawn in characters, which wipes the graphics out, and
    comes back in full when it is in sight again.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False

    view = var(View(), init=False)

    @dataclass
    class Drawn(Message, bubble=False):
        """A request was served. ``result`` is a drawing, or why there is none."""

        request: Request
        result: Drawing | str

    @dataclass
    class Shown(Message):
        """What was asked for is on the screen: ``drawing``, or a text in its place."""

        drawing: Drawing | None

    def __init__(self, mode: PictureMode | None = None) -> None:
        super().__init__()
        self._mode = mode or picture_mode()
        self._maker = PictureMaker(
            self._work, lambda request, result: self.post_message(self.Drawn(request, result))
        )
        self._source: Source | None = None
        self._shown: Source | None = None
        self._nearby: tuple[Source, ...] = ()
        self._drawing: Drawing | None = None
        self._text = Content("")
        self._graphics = False
        self._retry: Timer | None = None
        self._painted: list[Strip] = []
        self._painted_for: tuple[Drawing, bool, Region, Style] | None = None

    # -- what the pane calls -----------------------------------------------------------------------

    @property
    def drawing(self) -> Drawing | None:
        """What is shown."""
        return self._drawing

    @property
    def frame(self) -> Frame | None:
        """The size of the picture that is shown and the room it has, in drawn pixels."""
        if self._drawing is None or self._drawing.whole is None:
            return None
        cell = drawn_pixels(self._mode, cell_size())
        columns, rows = self._box
        size = self._drawing.whole.size
        return Frame(size, (columns * cell.width, rows * cell.height))

    def show(self, source: Source, nearby: tuple[Source, ...] = ()) -> None:
        """Show ``source`` as soon as it is there, and get those ``nearby`` ready."""
        self._source, self._nearby = source, nearby
        self._request()

    def show_text(self, text: Content) -> None:
        """Show ``text`` in place of a picture."""
        self._source, self._shown, self._nearby = None, None, ()
        self._text = text
        self._replace(None)

    def show_meanwhile(self, text: Content) -> None:
        """Show ``text`` until what was asked for is there: not the picture before it."""
        if self._shown != self._source:
            self._text = text
            self._replace(None)

    # -- drawings come and go ----------------------------------------------------------------------

    def watch_view(self) -> None:
        """Draw again, as it is looked at now."""
        self._request()

    def on_resize(self) -> None:
        """Draw again, in the new size."""
        self._request()

    def on_unmount(self) -> None:
        """Leave nothing in the terminal's memory."""
        drawing, self._drawing = self._drawing, None
        self._forget(drawing)

    def on_picture_view_drawn(self, event: Drawn) -> None:
        """Show what came from the thread, if it is still wanted."""
        source = self._source
        if source is None or event.request.key != self._make_request(source).key:
            return
        self._shown = source
        if isinstance(event.result, str):
            self._text = Content(clean(event.result))
            self._replace(None)
        else:
            self._replace(event.result)
        self.post_message(self.Shown(self._drawing))
        self.call_after_refresh(self._prepare)

    def _prepare(self) -> None:
        """Get ready what is nearby; after the painting, which it would slow down."""
        self._maker.prepare(*(self._make_request(source) for source in self._nearby))

    @work(thread=True, group="pictures")
    def _work(self) -> None:
        self._maker.work()

    def _request(self) -> None:
        if self._source is None or not self.size or not self.is_attached:
            return
        if line_is_busy(self.app):
            self._request_later()
        else:
            self._maker.request(self._make_request(self._source))

    def _request_later(self) -> None:
        """Try again in a moment, with what is to be shown then."""
        if self._retry is None:
            self._retry = self.set_timer(_RETRY_SECONDS, self._request_again)

    def _request_again(self) -> None:
        self._retry = None
        self._request()

    def _make_request(self, source: Source) -> Request:
        return Request(source, *self._box, self.view, self._mode, cell_size())

    @property
    def _box(self) -> tuple[int, int]:
        """The columns and rows there are for a picture."""
        return min(self.size.width, MAX_CELLS), min(self.size.height, MAX_CELLS)

    def _replace(self, drawing: Drawing | None) -> None:
        before, self._drawing = self._drawing, drawing
        if drawing is before and drawing is not None:
            return
        if drawing is not None and drawing.placement is not None:
            self._write(drawing.placement.transmission)
        if drawing is not None and before is not None and self._covers(drawing, before):
            self._write(_SYNCHRONISED.format(sixel_in(drawing, self.region)))
            return
        self.refresh()
        self.call_after_refresh(self._forget, before)

    def _covers(self, drawing: Drawing, before: Drawing) -> bool:
        """Whether a Sixel just goes over the one before: wiping that out first would flicker."""
        same_area = self._area(drawing) == self._area(before)
        return bool(drawing.sixel) and same_area and self._graphics and self._in_sight()

    def _forget(self, drawing: Drawing | None) -> None:
        if drawing is not None and drawing.placement is not None and drawing is not self._drawing:
            self._write(drawing.placement.removal)

    def _write(self, sequence: str) -> None:
        driver = self.app._driver
        if driver is not None and not self.app.is_headless:
            driver.write(sequence)

    # -- painting ----------------------------------------------------------------------------------

    def render(self) -> VisualType:
        """The text shown where there is no drawing."""
        return self._text if self._drawing is None else ""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint, past the usual styling of lines: a picture has no styles, and thousands of cells.

        Where it does not fit, for a moment after the pane became smaller, there is nothing.
        """
        self._choose_graphics()
        drawing = self._drawing
        if drawing is None or not self._fits(drawing):
            return super().render_lines(crop)
        style = self.rich_style
        if self._painted_for != (drawing, self._graphics, self.region, style):
            self._painted_for = (drawing, self._graphics, self.region, style)
            self._painted = paint(drawing, self.region, style, graphics=self._graphics)
        return [line.crop(crop.x, crop.right) for line in self._painted[crop.y : crop.bottom]]

    def _choose_graphics(self) -> None:
        drawing = self._drawing
        graphical = drawing is not None and bool(drawing.sixel or drawing.placement)
        graphics = graphical and self._in_sight()
        if graphics != self._graphics:
            self._graphics = graphics
            self.call_later(self.refresh)  # all of it, as only a part may be painted now

    def _in_sight(self) -> bool:
        """Whether all of this widget is on the screen, with nothing in front of it."""
        drawing = self._drawing
        if drawing is None or not self._fits(drawing) or not self.screen.is_active:
            return False
        widgets = self.screen._compositor.visible_widgets  # the foremost first
        region, clip = widgets.get(self, (Region(), Region()))
        if not region or not clip.contains_region(region):
            return False
        for widget, (other, other_clip) in widgets.items():
            if widget is self:
                return True
            if other.intersection(other_clip).overlaps(region):
                return False
        return False

    def _area(self, drawing: Drawing) -> Region:
        return area(drawing, self.size)

    def _fits(self, drawing: Drawing) -> bool:
        """Whether there is room for all of it."""
        return drawing.columns <= self.size.width and drawing.rows <= self.size.height
