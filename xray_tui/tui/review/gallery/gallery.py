"""The gallery: many images in a grid, with what was decided on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.gallery.grid import GalleryGrid


class Gallery(GalleryGrid, can_focus=True):
    """Shows images in cells, by their record ids. Reads and decodes only what is in sight.

    ``rows`` reads what is to be told of some records, in the UI thread; it may leave out those that
    are gone. ``thumbnail`` loads a picture, in another thread; its DatasetError is shown in place
    of the picture. ``open_large`` shows the image under the cursor large, before the next key is
    looked at: that one may be about it alone.
    """

    HELP_TITLE = "Gallery"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="the image as large as it gets"),
        Binding("v", "mark", "Mark", tooltip="in the gallery, keys then go for all marked"),
        Binding("V", "mark_all", "Mark all/none", show=False, tooltip="of what is shown"),
        Binding("left,h", "move(-1,0)", "Left", show=False),
        Binding("right,l", "move(1,0)", "Right", show=False),
        Binding("up,k", "move(0,-1)", "Up", show=False),
        Binding("down,j", "move(0,1)", "Down", show=False),
        Binding("shift+left", "stretch(-1,0)", "Mark to the left", show=False),
        Binding("shift+right", "stretch(1,0)", "Mark to the right", show=False),
        Binding("shift+up", "stretch(0,-1)", "Mark upwards", show=False),
        Binding("shift+down", "stretch(0,1)", "Mark downwards", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "row_end(-1)", "Start of the row", show=False),
        Binding("end", "row_end(1)", "End of the row", show=False),
        Binding("ctrl+home,g", "last(-1)", "First image", show=False),
        Binding("ctrl+end,G", "last(1)", "Last image", show=False),
        Binding("plus", "zoom(1)", "Larger thumbnails", show=False),
        Binding("minus", "zoom(-1)", "Smaller thumbnails", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor is on another image; None where there is none."""

        record_id: int | None

        def can_replace(self, message: Message) -> bool:
            """Only where it is now matters."""
            return isinstance(message, Gallery.Highlighted)

    @dataclass
    class MarksChanged(Message):
        """So many images are marked now."""

        count: int

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[GalleryRow]],
        thumbnail: Callable[[GalleryRow], Image.Image],
        open_large: Callable[[], object],
        renderer: Renderer | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(rows, thumbnail, renderer, id)
        self._open_large = open_large
        self._told: int | None = None

    # -- what the screen calls ---------------------------------------------------------------------

    def show(self, ids: Iterable[int], keep: int | None = None) -> None:
        """Show these records. The cursor goes to ``keep``, or stays at its place in the grid.

        Marks of records that are not among them are dropped.
        """
        changed, marks = self._list.replace(ids), len(self.marked)
        index = self._list.index(keep)
        if not changed:
            self._put_cursor(self._cursor if index is None else index)
            return
        self._marks.keep(self._list.ids)
        self._cursor = self._within(self._cursor if index is None else index)
        self._lay_out()
        self._tell_cursor()
        if len(self.marked) != marks:
            self._tell_marks()

    def refresh_rows(self, ids: Iterable[int]) -> None:
        """Something about these records is new: read them again where they are in sight.

        Their pictures stay, but what could not be read is tried again.
        """
        changed = frozenset(ids)
        self._list.forget(changed)
        self._loader.forget_failures(changed)
        self._want()
        self._repaint_records(changed)

    def clear_marks(self) -> None:
        """Take all marks away."""
        if self.marked:
            self._toggle(tuple(self.marked))

    def move_to(self, record_id: int) -> bool:
        """Put the cursor on a record. False if it is not shown."""
        index = self._list.index(record_id)
        if index is not None:
            self._put_cursor(index)
        return index is not None

    def go(self, step: int) -> bool:
        """Move the cursor so many images on, or back. False at the end."""
        return self._put_cursor(self._cursor + step)

    @property
    def cursor_id(self) -> int | None:
        """The record under the cursor; None if nothing is shown."""
        return self._list.ids[self._cursor] if len(self._list) else None

    @property
    def cursor_index(self) -> int:
        """Which of the images the cursor is on, counted from 0."""
        return self._cursor

    @property
    def marked(self) -> frozenset[int]:
        """The records that are marked."""
        return self._marks.ids

    # -- keys and mouse ----------------------------------------------------------------------------

    def action_open(self) -> None:
        """Show the image under the cursor large."""
        if self.cursor_id is not None:
            self._open_large()

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor."""
        self._put_cursor(self._beside(columns, rows))

    def action_page(self, step: int) -> None:
        """Move the cursor, and what is in sight, by a page."""
        rows = step * self._shape.whole_rows
        target = self._beside(0, rows)
        self._scroll_lines_to(self.scroll_offset.y + rows * self._shape.cell.height)
        self._put_cursor(target)

    def action_row_end(self, side: int) -> None:
        """Go to the first or last cell of the row."""
        columns = self._shape.columns
        first = self._cursor - self._cursor % columns
        self._put_cursor(first if side < 0 else first + columns - 1)

    def action_last(self, side: int) -> None:
        """Go to the first or last image of all."""
        self._put_cursor(0 if side < 0 else len(self._list) - 1)

    def action_mark(self) -> None:
        """Mark or unmark the image under the cursor."""
        if self.cursor_id is not None:
            self._toggle([self.cursor_id])

    def action_mark_all(self) -> None:
        """Mark all that is shown; unmark all when all are marked."""
        self._toggle(self._list.ids)

    def action_stretch(self, columns: int, rows: int) -> None:
        """Move the cursor and mark what is between where this began and where it is now."""
        if not len(self._list):
            return
        before, start, target = self.marked, self._cursor, self._beside(columns, rows)
        self._marks.stretch(self._list.ids, start, target)
        self._put_cursor(target, stretching=True)
        self._marks_changed(before)

    def action_zoom(self, step: int) -> None:
        """Show fewer and larger thumbnails, or more and smaller ones."""
        width = self._shape.view.width
        before, self._zoom = self._zoom, self._zoom + step
        if self._columns(width) == self._shape.columns:
            self._zoom = before
        else:
            self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; mark with ctrl held; open with a second click."""
        index = self._shape.index_at(event.x, event.y + self.scroll_offset.y)
        if index is None or index >= len(self._list):
            return
        self._put_cursor(index)
        if event.ctrl:
            self.action_mark()
        elif event.chain == 2:
            self.action_open()

    # -- cursor and marks --------------------------------------------------------------------------

    def _within(self, index: int) -> int:
        return max(0, min(index, len(self._list) - 1))

    def _beside(self, columns: int, rows: int) -> int:
        """The cell so many columns and rows from the cursor. Rows end at the first and last one."""
        last_row = (len(self._list) - 1) // self._shape.columns
        row = self._cursor // self._shape.columns
        rows = max(-row, min(rows, last_row - row))
        return self._within(self._cursor + rows * self._shape.columns + columns)

    def _put_cursor(self, index: int, *, stretching: bool = False) -> bool:
        before, self._cursor = self._cursor, self._within(index)
        if not stretching:
            self._marks.let_go()
        self._reveal(self._cursor)
        if self._cursor == before:
            return False
        self._repaint(before)
        self._repaint(self._cursor)
        self._tell_cursor()
        return True

    def _tell_cursor(self) -> None:
        if self.cursor_id != self._told:
            self._told = self.cursor_id
            self.post_message(self.Highlighted(self.cursor_id))

    def _toggle(self, ids: Sequence[int]) -> None:
        before = self.marked
        self._marks.toggle(ids)
        self._marks_changed(before)

    def _marks_changed(self, before: frozenset[int]) -> None:
        if self.marked != before:
            self._repaint_records(self.marked ^ before)
            self._tell_marks()

    def _tell_marks(self) -> None:
        self.post_message(self.MarksChanged(len(self.marked)))
