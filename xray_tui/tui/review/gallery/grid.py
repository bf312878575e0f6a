"""Paints the gallery: cells in rows, as far as they are in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from PIL import Image
from rich.segment import Segment
from textual import events, work
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.terminal import cell_size, default_renderer
from xray_tui.tui.pictures.terminal_backlog import line_is_busy
from xray_tui.tui.review.gallery.cells import CellLook, CellState, draw_cell
from xray_tui.tui.review.gallery.images import GalleryList, Marks
from xray_tui.tui.review.gallery.pictures import PictureKey, ThumbnailLoader, Wanted
from xray_tui.tui.review.gallery.shape import most_columns, shape_for, usual_columns
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.textual_internals import update_scroll_bars

_RETRY_SECONDS = 0.05
_PAGES_DRAWN = 6
_PARTS = ("quiet", "accepted", "rejected", "rating", "warning", "mark", "cursor", "empty", "broken")


class GalleryGrid(ScrollView):
    """The grid without its keys: it knows where the cursor is and what is marked, and scrolls.

    It scrolls by whole rows of cells. Cells are drawn once, and lines put together from them.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"gallery--{part}" for part in _PARTS}

    virtual_size = reactive(Size(0, 0))
    """As Textual's, but other images ask for no new layout of the whole screen."""

    empty_text = reactive("No images.")
    """Said where there is no image."""

    class Drawn(Message, bubble=False):
        """Pictures came from the thread."""

        def can_replace(self, message: Message) -> bool:
            """One message is enough for all that came."""
            return isinstance(message, GalleryGrid.Drawn)

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[GalleryRow]],
        thumbnail: Callable[[GalleryRow], Image.Image],
        renderer: Renderer | None,
        id: str | None,
    ) -> None:
        super().__init__(id=id)
        self._list = GalleryList(rows)
        self._marks = Marks()
        self._cursor = 0
        self._characters = (renderer or default_renderer()).characters
        self._loader = ThumbnailLoader(
            thumbnail, self._work, lambda: self.post_message(self.Drawn())
        )
        self._shape = shape_for(Size(1, 1), 1, cell_size())
        self._zoom = 0
        self._upwards = False
        self._drawn: dict[int, list[Strip]] = {}
        self._look: CellLook | None = None
        self._retry: Timer | None = None
        self._shown = False

    # -- where things are --------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Find the cells' new places."""
        self._lay_out()

    def _lay_out(self) -> None:
        """After another size, zoom or list: find the cells' places, with the cursor in sight."""
        view = self.scrollable_content_region.size
        if not view:
            return
        columns = self._columns(view.width)
        self._shape = shape_for(view, columns, cell_size())
        self._drawn.clear()
        self.virtual_size = Size(view.width, self._shape.height(len(self._list)))
        update_scroll_bars(self, self.virtual_size)
        self._reveal(self._cursor)
        self._want()
        self.refresh()

    def _columns(self, width: int) -> int:
        return max(1, min(usual_columns(width) - self._zoom, most_columns(width)))

    def _reveal(self, index: int) -> None:
        """Scroll as little as needed to see a cell whole."""
        shape, top = self._shape, self.scroll_offset.y
        place = shape.region(index).y
        lowest = place - (shape.whole_rows - 1) * shape.cell.height
        self._scroll_lines_to(max(lowest, min(top, place)))

    def _scroll_lines_to(self, top: int) -> None:
        self.scroll_to(y=top, animate=False, force=True)

    def validate_scroll_y(self, value: float) -> float:
        """Whole rows of cells only: pictures that are cut tell nothing."""
        height = self._shape.cell.height
        return super().validate_scroll_y(round(value / height) * height)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Get the pictures that come into sight, and then those further on."""
        super().watch_scroll_y(old_value, new_value)
        self._upwards = new_value < old_value
        self._want()

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

    # -- pictures come and go ----------------------------------------------------------------------

    def _come_into_sight(self) -> None:
        if self._shape.view == self.scrollable_content_region.size:
            self._want()
        else:
            self._lay_out()

    def on_hide(self) -> None:
        """Make no more pictures: somebody looks at something else."""
        self._shown = False
        self._loader.want(())

    def on_unmount(self) -> None:
        """Make no more pictures."""
        self.on_hide()

    @work(thread=True, group="thumbnails")
    def _work(self) -> None:
        self._loader.work()

    def _seen(self) -> range:
        """Indexes of the cells in sight, of those that hold an image."""
        return self._shape.seen(self.scroll_offset.y, len(self._list))

    def _want(self) -> None:
        """Read and make what is in sight, then the page that is likely to come."""
        if not self._shown:
            return
        seen, shape = self._seen(), self._shape
        ahead = shape.before(seen) if self._upwards else shape.after(seen, len(self._list))
        self._list.read(range(min(seen.start, ahead.start), max(seen.stop, ahead.stop)))
        rows = [self._list.row(index) for index in (*seen, *ahead)]
        self._loader.want([self._wanted(row) for row in rows if row is not None])

    def _wanted(self, row: GalleryRow) -> Wanted:
        faded = row.opinion.decision == "rejected"
        ground = self._colours().ground if faded else None
        key = PictureKey(row.record_id, self._shape.box, self._characters, cell_size())
        return Wanted(row, key, ground)

    def on_gallery_grid_drawn(self) -> None:
        """Paint what came from the thread."""
        if self._retry is None:
            self._show_news()

    def _show_news(self) -> None:
        """Paint new pictures, unless the terminal has yet to show what was painted before."""
        self._retry = None
        if line_is_busy(self.app):
            self._retry = self.set_timer(_RETRY_SECONDS, self._show_news)
        else:
            self._repaint_records(self._loader.news())

    # -- painting ----------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._look = None
        self._drawn.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint past the usual styling of lines: pictures have none, and thousands of cells."""
        if not self._shown:  # Textual does not always tell that a widget is shown again
            self._shown = True
            self.call_later(self._come_into_sight)
        top = self.scroll_offset.y
        return [self._line(y + top).crop(crop.x, crop.right) for y in range(crop.y, crop.bottom)]

    def _line(self, y: int) -> Strip:
        width, plain = self.size.width, self._colours().plain
        if not len(self._list):
            text = self.empty_text if y == 2 else ""  # below what the query line shows there
            hint = Strip([Segment(f"  {text}", self._colours().quiet)])
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
        if index not in self._drawn:
            if len(self._drawn) > _PAGES_DRAWN * self._shape.page:
                self._drawn.clear()
            self._drawn[index] = draw_cell(self._state(index), self._shape.cell, self._colours())
        return self._drawn[index]

    def _state(self, index: int) -> CellState:
        row = self._list.row(index)
        picture = None if row is None else self._loader.get(self._wanted(row))
        marked = self._list.ids[index] in self._marks.ids
        return CellState(row, picture, cursor=index == self._cursor, marked=marked)

    def _colours(self) -> CellLook:
        if self._look is None:
            style = self.get_component_rich_style
            styles = {part: style(f"gallery--{part}") for part in _PARTS}
            self._look = CellLook(plain=self.rich_style, **styles)
        return self._look

    def _repaint(self, index: int) -> None:
        """Paint one cell anew."""
        self._drawn.pop(index, None)
        self.refresh(self._shape.region(index).translate(-self.scroll_offset))

    def _repaint_records(self, ids: Iterable[int]) -> None:
        """Paint the cells of these records anew."""
        changed = frozenset(ids)
        seen = self._seen()
        for index in [index for index in self._drawn if index not in seen]:
            if self._list.ids[index] in changed:
                del self._drawn[index]
        for index in seen:
            if self._list.ids[index] in changed:
                self._repaint(index)
