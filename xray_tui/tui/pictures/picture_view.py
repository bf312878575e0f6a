"""A picture in a pane: as large as fits, by the terminal's graphics or by characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from rich.style import Style
from textual import work
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.timer import Timer
from textual.visual import VisualType
from textual.widget import Widget

from xray_tui.text import clean
from xray_tui.tui.pictures.painting import area, paint
from xray_tui.tui.pictures.render_worker import Rendered, RenderWorker, Request
from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.renderer import MAX_CELLS, Renderer
from xray_tui.tui.pictures.sources import Source
from xray_tui.tui.pictures.terminal import cell_size, default_renderer
from xray_tui.tui.pictures.terminal_backlog import line_is_busy, picture_is_under_way
from xray_tui.tui.pictures.view import Frame, Place, View
from xray_tui.tui.stylesheet import stylesheet_for

_RETRY_SECONDS = 0.05
_Cells = TypeVar("_Cells", int, float)


class PictureView(Widget):
    """Shows the picture of a source, or a text instead of a picture.

    For a moment after the pane became smaller, the picture does not fit and is not shown.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False

    view = var(View(), init=False)

    @dataclass
    class Drawn(Message, bubble=False):
        """A request was served: ``result`` is the picture, or a sentence that says why not."""

        request: Request
        result: Rendered | str

    @dataclass
    class Shown(Message):
        """The requested picture is on the screen; ``rendered`` is None if a text replaces it."""

        rendered: Rendered | None

    def __init__(self, renderer: Renderer | None = None) -> None:
        super().__init__()
        self._renderer = renderer or default_renderer()
        self._worker = RenderWorker(
            self._work, lambda request, result: self.post_message(self.Drawn(request, result))
        )
        self._source: Source | None = None
        self._shown: Source | None = None
        self._nearby: tuple[Source, ...] = ()
        self._rendered: Rendered | None = None
        self._text = Content("")
        self._retry: Timer | None = None
        self._most = Size(MAX_CELLS, MAX_CELLS)
        self._painted: list[Strip] = []
        self._painted_for: tuple[Drawing, Region, Style] | None = None

    # -- called by the pane ------------------------------------------------------------------------

    @property
    def rendered(self) -> Rendered | None:
        """The picture shown, as it was rendered; None while a text is shown."""
        return self._rendered

    @property
    def drawing(self) -> Drawing | None:
        """The drawing of the picture shown; None while a text is shown."""
        return self._rendered.drawing if self._rendered is not None else None

    @property
    def frame(self) -> Frame | None:
        """The size of the picture shown and the space it has, in drawn pixels."""
        if self._rendered is None:
            return None
        return Frame(self._rendered.size, self.drawn_pixels(*self._box))

    def drawn_pixels(self, columns: _Cells, rows: _Cells) -> tuple[_Cells, _Cells]:
        """How many pixels are drawn in this number of columns and rows."""
        pixels = self._renderer.pixels_in(cell_size())
        return columns * pixels.width, rows * pixels.height

    def place_at(self, point: Offset) -> Place | None:
        """Where in the drawing this cell of the screen is; None if it is not in the widget."""
        if self.drawing is None or not self.region.contains_point(point):
            return None
        inner = area(self.drawing, self.size)
        x, y = point - self.region.offset - inner.offset
        across, down = x + 0.5 - inner.width / 2, y + 0.5 - inner.height / 2
        return Place((across / inner.width, down / inner.height), self.drawn_pixels(across, down))

    def show(self, source: Source, nearby: tuple[Source, ...] = ()) -> None:
        """Show ``source`` as soon as it is rendered, then prepare those ``nearby``."""
        self._source, self._nearby = source, nearby
        self._request()

    def show_text(self, text: Content) -> None:
        """Show ``text`` in place of a picture."""
        self._source, self._shown, self._nearby = None, None, ()
        self._text = text
        self._replace(None)

    def show_meanwhile(self, text: Content) -> None:
        """Show ``text`` instead of the previous picture until the requested one is rendered."""
        if self._shown != self._source:
            self._text = text
            self._replace(None)

    def change_renderer(self, renderer: Renderer) -> None:
        """Draw with ``renderer`` from now on."""
        self._renderer = renderer
        self._request()

    def limit(self, most: Size) -> None:
        """Draw no larger than this from now on, however large the pane is."""
        if most != self._most:
            self._most = most
            self._request()

    # -- requests and drawings ---------------------------------------------------------------------

    def watch_view(self) -> None:
        """Draw again with the new zoom, part and greys."""
        self._request()

    def on_resize(self) -> None:
        """Draw again in the new size."""
        self._request()

    def on_picture_view_drawn(self, event: Drawn) -> None:
        """Show a result of the thread, if it is still wanted."""
        source = self._source
        if source is None or event.request.key != self._make_request(source).key:
            return
        self._shown = source
        if isinstance(event.result, str):
            self._text = Content(clean(event.result))
            self._replace(None)
        else:
            self._replace(event.result)
        self.post_message(self.Shown(self._rendered))
        self.call_after_refresh(self._prepare)

    def _prepare(self) -> None:
        """Prepare the sources nearby; only after painting, which it would slow down."""
        self._worker.prepare(*(self._make_request(source) for source in self._nearby))

    @work(thread=True, group="pictures")
    def _work(self) -> None:
        self._worker.work()

    def _request(self) -> None:
        if self._source is None or not self.size or not self.is_attached:
            return
        live = not self._source.lasting
        if line_is_busy(self.app) or (live and picture_is_under_way(self.app)):
            self._request_later()
        else:
            self._worker.request(self._make_request(self._source))

    def _request_later(self) -> None:
        """Try again in a moment, with the source that is wanted by then."""
        if self._retry is None:
            self._retry = self.set_timer(_RETRY_SECONDS, self._request_again)

    def _request_again(self) -> None:
        self._retry = None
        self._request()

    def _make_request(self, source: Source) -> Request:
        return Request(source, *self._box, self.view, self._renderer, cell_size())

    @property
    def _box(self) -> tuple[int, int]:
        """The columns and rows available for a picture."""
        columns, rows = self.size
        return min(columns, self._most.width, MAX_CELLS), min(rows, self._most.height, MAX_CELLS)

    def _replace(self, rendered: Rendered | None) -> None:
        if rendered is None or rendered is not self._rendered:
            self._rendered = rendered
            self.refresh()

    # -- painting ----------------------------------------------------------------------------------

    def render(self) -> VisualType:
        """The text shown where there is no drawing."""
        return self._text if self._rendered is None else ""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint without Textual's styling: pictures have no styles, but thousands of cells."""
        drawing = self.drawing
        if drawing is None or not self._fits(drawing):
            return super().render_lines(crop)
        region, style = self.region, self.rich_style
        if self._painted_for != (drawing, region, style):
            self._painted_for = (drawing, region, style)
            inner = area(drawing, region.size)
            self._painted = paint(
                drawing.at(region.offset + inner.offset), inner, region.size, style
            )
        return [line.crop(crop.x, crop.right) for line in self._painted[crop.y : crop.bottom]]

    def _fits(self, drawing: Drawing) -> bool:
        """Whether the whole drawing fits into the widget."""
        return drawing.columns <= self.size.width and drawing.rows <= self.size.height
