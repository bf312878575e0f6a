"""Paints the cells of the gallery that are in view, in rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import ClassVar

from PIL import Image
from rich.segment import Segment
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.terminal import cell_size
from xray_tui.tui.review.gallery.cells import CellLook, CellState, draw_cell
from xray_tui.tui.review.gallery.images import GalleryList, Marks
from xray_tui.tui.review.gallery.pictures import PictureKey, PictureRequest
from xray_tui.tui.review.gallery.shape import most_columns, shape_for, usual_columns
from xray_tui.tui.review.gallery.thumbnail_view import ThumbnailView
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.text_fit import wrap
from xray_tui.tui.textual_internals import update_scroll_bars

FLASH_SECONDS = 0.15
"""How long an image that was just judged stands out."""
_PARTS = ("quiet", "accepted", "rejected", "rating", "warning", "mark", "cursor", "empty", "broken")


class GalleryGrid(ScrollView, ThumbnailView):
    """The gallery without its keys: it has cursor and marks, and scrolls by whole rows of cells.

    Each cell is drawn once at its place on the screen; lines are assembled from drawn cells.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"gallery--{part}" for part in _PARTS}

    virtual_size = reactive(Size(0, 0))
    """As Textual's, but a new value does not trigger a layout of the whole screen."""

    empty_text = reactive("")
    """The text shown if the list is empty."""

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[GalleryRow]],
        thumbnail: Callable[[GalleryRow, int], Image.Image],
        renderer: Renderer | None,
        id: str | None,
    ) -> None:
        super().__init__(id=id)
        self._list = GalleryList(rows)
        self._marks = Marks()
        self._cursor = 0
        self.load_with(thumbnail, renderer)
        self._shape = shape_for(Size(1, 1), 1, cell_size())
        self._zoom = 0
        self._upwards = False
        self._drawn: dict[int, tuple[Offset, list[Strip]]] = {}
        self._look: CellLook | None = None
        self._shown = False
        self._flash: tuple[frozenset[int], Decision] = (frozenset(), "undecided")
        self._flash_timer: Timer | None = None

    @property
    def hidden_marks(self) -> frozenset[int]:
        """The marked records that are not in the list."""
        return self._marks.hidden

    def forget_hidden_marks(self) -> None:
        """Unmark the records that are not in the list."""
        self._marks.hidden = frozenset()

    # -- layout and scrolling ----------------------------------------------------------------------

    def on_resize(self) -> None:
        """Arrange the cells for the new size."""
        self._lay_out()

    def _lay_out(self) -> None:
        """Arrange the cells for a new size, zoom or list, and scroll to the cursor."""
        self._drawn.clear()  # also in a terminal too small for a cell: the list may be shorter now
        view = self.scrollable_content_region.size
        if not view:
            return
        columns = self._columns(view.width)
        self._shape = shape_for(view, columns, cell_size())
        self.virtual_size = Size(view.width, self._shape.height(len(self._list)))
        update_scroll_bars(self, self.virtual_size)
        self._reveal(self._cursor)
        self._request_pictures()
        self.refresh()

    def _columns(self, width: int) -> int:
        return max(1, min(usual_columns(width) - self._zoom, most_columns(width)))

    def _reveal(self, index: int) -> None:
        """Scroll as little as needed to show all of a cell."""
        shape, top = self._shape, self.scroll_offset.y
        place = shape.region(index).y
        lowest = place - (shape.whole_rows - 1) * shape.cell.height
        self._scroll_lines_to(max(lowest, min(top, place)))

    def _scroll_lines_to(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def validate_scroll_y(self, value: float) -> float:
        """Scroll by whole rows of cells, because pictures that are cut off are of no use."""
        height = self._shape.cell.height
        return super().validate_scroll_y(round(value / height) * height)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Load the pictures that come into view, then those of the next page."""
        super().watch_scroll_y(old_value, new_value)
        self._upwards = new_value < old_value
        self._drawn.clear()  # for other places
        self._request_pictures()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Go down by one row of cells."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Go up by one row of cells."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.prevent_default()
        event.stop()
        self._scroll_lines_to(self.scroll_offset.y + step * self._shape.cell.height)

    # -- pictures ----------------------------------------------------------------------

    def _resume(self) -> None:
        if self._shape.view == self.scrollable_content_region.size:
            self._request_pictures()
        else:
            self._lay_out()

    def on_hide(self) -> None:
        """Request no pictures while another view is shown; the base class drops those requested."""
        self._shown = False

    def on_unmount(self) -> None:
        """Request no more pictures."""
        self._shown = False

    def _in_view(self) -> range:
        """Indexes of the images in view."""
        return self._shape.in_view(self.scroll_offset.y, len(self._list))

    def _request_pictures(self) -> None:
        """Request the rows and pictures in view, then those of the page likely to follow."""
        if not self._shown:
            return
        seen, shape = self._in_view(), self._shape
        ahead = shape.before(seen) if self._upwards else shape.after(seen, len(self._list))
        self._list.read(range(min(seen.start, ahead.start), max(seen.stop, ahead.stop)))
        rows = [self._list.row(index) for index in (*seen, *ahead)]
        self._loader.request([self._request(row) for row in rows if row is not None])

    def _request(self, row: GalleryRow) -> PictureRequest:
        faded = row.opinion.decision == "rejected"
        background = self._colours().background if faded else None
        key = PictureKey(row.record_id, self._shape.box, self._renderer, cell_size())
        return PictureRequest(row, key, background)

    def show_finished(self, records: Collection[int]) -> None:
        """Paint the cells of these records."""
        self._repaint_records(records)

    # -- painting ----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._look = None
        self._drawn.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Bypass Textual's styling of lines, which is slow for thousands of coloured characters."""
        if not self._shown:  # Textual does not always send Show when a widget is shown again
            self._shown = True
            self.call_later(self._resume)
        top = self.scroll_offset.y
        lines = [self._line(y + top) for y in range(crop.y, crop.bottom)]
        # Colours are true already; the others act with NO_COLOR and on terminals with few colours.
        for one in self.get_line_filters():
            if not isinstance(one, ANSIToTruecolor):
                lines = [line.apply_filter(one, self.background_colors[1]) for line in lines]
        return [line.crop(crop.x, crop.right) for line in lines]

    def _line(self, y: int) -> Strip:
        width, look, plain = self.size.width, self._colours(), self._colours().plain
        if not len(self._list):
            hint = Strip([Segment(_line_of(self.empty_text, y, width), look.quiet)])
            return hint.adjust_cell_length(width, plain)
        row, line = divmod(y, self._shape.cell.height)
        strips, at = [], 0
        for column in range(self._shape.columns):
            index = row * self._shape.columns + column
            if index >= len(self._list):
                break
            left = self._shape.left(column)
            if left > at:
                strips.append(Strip.blank(left - at, plain))
            strips.append(self._cell(index)[line])
            at = left + self._shape.cell.width
        strips.append(Strip.blank(max(0, width - at), plain))
        return Strip.join(strips).crop(0, width)

    def _cell(self, index: int) -> list[Strip]:
        corner_of_view = self.content_region.offset - self.scroll_offset
        region = self._shape.region(index).translate(corner_of_view)
        corner, cell = self._drawn.get(index, (None, []))
        if corner != region.offset:
            cell = draw_cell(self._state(index), region, self._colours())
            self._drawn[index] = region.offset, cell
        return cell

    def _state(self, index: int) -> CellState:
        row = self._list.row(index)
        picture = None if row is None else self._loader.get(self._request(row))
        marked = self._list.ids[index] in self._marks.ids
        flash = self._flash[1] if self._list.ids[index] in self._flash[0] else None
        return CellState(row, picture, index == self._cursor, marked, flash)

    def flash(self, ids: Iterable[int], decision: Decision) -> None:
        """Let the cells of these records, which were just judged, stand out for a moment."""
        if self._flash_timer is not None:
            self._flash_timer.stop()
        self._flash_timer = self.set_timer(FLASH_SECONDS, self._end_flash)
        before, self._flash = self._flash[0], (frozenset(ids), decision)
        self._repaint_records(before | self._flash[0])

    def _end_flash(self) -> None:
        ids, self._flash = self._flash[0], (frozenset(), "undecided")
        self._repaint_records(ids)

    def _colours(self) -> CellLook:
        if self._look is None:
            style = self.get_component_rich_style
            styles = {part: style(f"gallery--{part}") for part in _PARTS}
            self._look = CellLook(plain=self.rich_style, **styles)
        return self._look

    def _repaint(self, index: int) -> None:
        """Repaint one cell."""
        self._drawn.pop(index, None)
        self.refresh(self._shape.region(index).translate(-self.scroll_offset))

    def _repaint_records(self, ids: Iterable[int]) -> None:
        """Repaint the cells of these records."""
        changed = frozenset(ids)
        for index in self._in_view():
            if self._list.ids[index] in changed:
                self._repaint(index)


def _line_of(text: str, y: int, width: int) -> str:
    """A line of the text for an empty list."""
    lines, at = wrap(text, max(2, width - 4)), y - 2  # below the completions of the query line
    return f"  {lines[at]}" if 0 <= at < len(lines) else ""
