"""The filmstrip: small thumbnails of the images next to the one in the loupe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from PIL import Image
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.strip import Strip

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.pictures.painting import area, paint
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.terminal import cell_size
from xray_tui.tui.review.gallery.cells import SIGNS, grey_of
from xray_tui.tui.review.gallery.pictures import PictureKey, PictureRequest
from xray_tui.tui.review.gallery.thumbnail_view import ThumbnailView
from xray_tui.tui.stylesheet import stylesheet_for

_GAP = 1
_FEWEST = 3
"""Fewer thumbnails show no neighbours on both sides."""
_LINE = "━"
_PARTS = ("quiet", "accepted", "rejected", "current", "empty")


class Filmstrip(ThumbnailView):
    """Shows some images in a row, each with the sign of its decision, and marks the current one.

    ``rows`` and ``thumbnail`` are as those of the gallery; ``choose`` is called with the record
    that was clicked.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"filmstrip--{part}" for part in _PARTS}

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[GalleryRow]],
        thumbnail: Callable[[GalleryRow, int], Image.Image],
        choose: Callable[[int], object],
        renderer: Renderer | None = None,
    ) -> None:
        super().__init__()
        self.load_with(thumbnail, renderer)
        self._read = rows
        self._choose = choose
        self._ids: Sequence[int] = ()
        self._index = self._start = 0
        self._rows: list[GalleryRow] = []

    # -- called by the loupe and the screen --------------------------------------------------------

    def show(self, ids: Sequence[int], index: int) -> None:
        """Show one of these records with its neighbours; :meth:`load` loads their pictures.

        The same images are shown as long as possible: then only the mark moves.
        """
        self._ids, self._index = ids, index
        number = min(self._number, len(ids))
        if index <= self._start:
            self._start = index - number + 2
        elif index >= self._start + number - 1:
            self._start = index - 1
        self._start = max(0, min(self._start, len(ids) - number))
        self._rows = self._read(ids[self._start : self._start + number]) if number else []
        self.refresh()

    def load(self) -> None:
        """Draw the pictures that are missing; only after the large one, which they slow down."""
        self._loader.request([self._request(row) for row in self._rows])

    def change_renderer(self, renderer: Renderer) -> None:
        """Draw with ``renderer`` from now on."""
        self._renderer = renderer
        self.load()
        self.refresh()

    # -- events ------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Show the images that there is room for."""
        self.show(self._ids, self._index)
        self.load()

    def on_click(self, event: events.Click) -> None:
        """Go to the clicked image."""
        for row, place in zip(self._rows, self._regions, strict=False):
            if place.x <= event.x < place.right:
                self._choose(row.record_id)

    def show_finished(self, records: Collection[int]) -> None:
        """Paint the whole strip."""
        self.refresh()

    # -- layout ------------------------------------------------------------------------------------

    @property
    def _box(self) -> Size:
        """The room for a square picture above its sign."""
        cell, rows = cell_size(), max(1, self.size.height - 1)
        return Size(max(3, round(rows * cell.height / cell.width)), rows)

    @property
    def _number(self) -> int:
        """How many images fit."""
        number = (self.size.width + _GAP) // (self._box.width + _GAP) if self.display else 0
        return number if number >= _FEWEST else 0

    @property
    def _regions(self) -> list[Region]:
        """The place of each image and its sign within the strip."""
        width, height = self._box.width, self.size.height
        left = (self.size.width + _GAP - len(self._rows) * (width + _GAP)) // 2
        return [
            Region(left + number * (width + _GAP), 0, width, height)
            for number in range(len(self._rows))
        ]

    def _request(self, row: GalleryRow) -> PictureRequest:
        faded = row.opinion.decision == "rejected"
        key = PictureKey(row.record_id, self._box, self._renderer, cell_size())
        return PictureRequest(row, key, grey_of(self.rich_style) if faded else None)

    # -- painting ----------------------------------------------------------------------------------

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint without Textual's styling, as the gallery does."""
        plain, at = self.rich_style, 0
        lines: list[list[Strip]] = [[] for _ in range(self.size.height)]
        for row, place in zip(self._rows, self._regions, strict=True):
            cell = [*self._picture(row, place.shrink((0, 0, 1, 0))), self._sign(row, place.width)]
            for line, strip in zip(lines, cell, strict=False):
                line += [Strip.blank(max(0, place.x - at), plain), strip]
            at = place.right
        width = self.size.width
        strips = [Strip.join(line).adjust_cell_length(width, plain) for line in lines]
        return [line.crop(crop.x, crop.right) for line in strips[crop.y : crop.bottom]]

    def _picture(self, row: GalleryRow, place: Region) -> list[Strip]:
        request = self._request(row)
        picture = self._loader.get(request)
        if picture is None or isinstance(picture, str):  # the loupe says what is wrong
            return [Strip.blank(place.width, self._style("empty"))] * place.height
        drawing = picture.drawing(request.background)
        inner = area(drawing, place.size)
        corner: Offset = self.region.offset + place.offset + inner.offset
        return paint(drawing.at(corner), inner, place.size, self.rich_style)

    def _sign(self, row: GalleryRow, width: int) -> Strip:
        """The sign of the decision, in a line under the current image."""
        decision = row.opinion.decision
        current = row.record_id == self._ids[self._index]
        before = (width - 3) // 2
        line, style = (_LINE, "current") if current else (" ", "quiet")
        sign = "quiet" if decision == "undecided" else decision
        parts = [
            Segment(line * before, self._style(style)),
            Segment(f" {SIGNS[decision]} ", self._style("current" if current else sign)),
            Segment(line * (width - 3 - before), self._style(style)),
        ]
        return Strip(parts, width)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"filmstrip--{part}")
