"""The gallery: many images in a grid, with the decision on each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image
from textual import events
from textual.binding import BindingType
from textual.message import Message

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.bindings import bound
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.gallery.grid import GalleryGrid

_OF_IMAGES = ("open", "mark", "mark_all")
"""Actions that are not offered while the list is empty."""


class Gallery(GalleryGrid, can_focus=True):
    """Shows images in cells, by their record ids. Reads and decodes only the cells in view.

    ``rows`` reads the rows of some records, in the UI thread; it leaves out removed records.
    ``thumbnail`` loads a picture, with at least this number of pixels along its longer side if the
    image has them, in another thread; the message of its DatasetError is shown in
    place of the picture. ``open_large`` opens the image under the cursor in the loupe at once, so
    that the next key already applies to this image alone.
    """

    HELP_TITLE = "Gallery"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "open", "Open", tooltip="the image in full size"),
        bound("toggle", "mark", "Mark", tooltip="keys apply to all marked images"),
        bound("mark_all", "mark_all", "Mark all or none", show=False, tooltip="of this list"),
        bound("left", "move(-1,0)", "Left", show=False),
        bound("right", "move(1,0)", "Right", show=False),
        bound("up", "move(0,-1)", "Up", show=False),
        bound("down", "move(0,1)", "Down", show=False),
        bound("shift_left", "stretch(-1,0)", "Mark leftwards", show=False),
        bound("shift_right", "stretch(1,0)", "Mark rightwards", show=False),
        bound("shift_up", "stretch(0,-1)", "Mark upwards", show=False),
        bound("shift_down", "stretch(0,1)", "Mark downwards", show=False),
        bound("page_up", "page(-1)", "Page up", show=False),
        bound("page_down", "page(1)", "Page down", show=False),
        bound("first", "edge(-1)", "First image", show=False),
        bound("last", "edge(1)", "Last image", show=False),
        bound("more", "zoom(1)", "Larger thumbnails", show=False),
        bound("less", "zoom(-1)", "Smaller thumbnails", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor moved to another image; None if there is no image."""

        record_id: int | None

        def can_replace(self, message: Message) -> bool:
            """Only the latest position matters."""
            return isinstance(message, Gallery.Highlighted)

    @dataclass
    class MarksChanged(Message):
        """Images were marked or unmarked; ``count`` are marked now."""

        count: int

    def __init__(
        self,
        rows: Callable[[Sequence[int]], list[GalleryRow]],
        thumbnail: Callable[[GalleryRow, int], Image.Image],
        open_large: Callable[[], object],
        renderer: Renderer | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(rows, thumbnail, renderer, id)
        self._open_large = open_large
        self._reported: int | None = None
        self.idle_actions: Collection[str] = ()

    # -- called by the screen ----------------------------------------------------------------------

    def show(self, ids: Iterable[int], keep: int | None = None) -> None:
        """Show these records. The cursor moves to ``keep``, or stays at its place in the grid.

        Marks of other records are hidden until these are shown again.
        """
        changed, marks = self._list.replace(ids), self.marked
        self.idle_actions = () if len(self._list) else _OF_IMAGES
        index = self._list.index(keep)
        if not changed:
            self._put_cursor(self._cursor if index is None else index)
            return
        self._marks.show(self._list.ids)
        self._cursor = self._within(self._cursor if index is None else index)
        self._lay_out()
        self._report_cursor()
        if self.marked != marks:
            self._report_marks()

    def refresh_rows(self, ids: Iterable[int]) -> None:
        """Read these records again if they are in view; something about them has changed.

        Their pictures are kept, but files that could not be read are tried again.
        """
        changed = frozenset(ids)
        self._list.forget(changed)
        self._loader.forget_failures(changed)
        self._request_pictures()
        self._repaint_records(changed)

    def read_again(self) -> None:
        """Read the rows in view again, and others once they are; anything may have changed."""
        self._list.forget_all()
        self._drawn.clear()
        self._request_pictures()
        self.refresh()

    def change_renderer(self, renderer: Renderer) -> None:
        """Draw with ``renderer`` from now on."""
        self._renderer = renderer
        self.read_again()

    @property
    def zoom(self) -> int:
        """The size of the thumbnails, in steps larger than usual."""
        return self._zoom

    @zoom.setter
    def zoom(self, zoom: int) -> None:
        if zoom != self._zoom:
            self._zoom = zoom
            self._lay_out()

    def clear_marks(self) -> None:
        """Clear all marks, also hidden ones."""
        self.mark_only(frozenset())

    def mark_only(self, ids: frozenset[int]) -> None:
        """Mark these records, and no others; those that are not in the list are hidden."""
        before, self._marks.ids, self._marks.hidden = self.marked, ids, frozenset()
        self._marks.show(self._list.ids)
        self._marks_changed(before)

    def move_to(self, record_id: int) -> bool:
        """Move the cursor to a record. False if it is not in the list."""
        if (index := self._list.index(record_id)) is not None:
            self._put_cursor(index)
        return index is not None

    def go(self, step: int) -> bool:
        """Move the cursor by ``step`` images. False if it is at the end already."""
        return self._put_cursor(self._cursor + step)

    @property
    def cursor_id(self) -> int | None:
        """The record under the cursor; None if the list is empty."""
        return self._list.ids[self._cursor] if len(self._list) else None

    @property
    def cursor_index(self) -> int:
        """The index of the image under the cursor, from 0."""
        return self._cursor

    @property
    def marked(self) -> frozenset[int]:
        """The marked records of the list."""
        return self._marks.ids

    # -- keys and mouse ----------------------------------------------------------------------------

    def action_open(self) -> None:
        """Open the image under the cursor."""
        if self.cursor_id is not None:
            self._open_large()

    def action_move(self, columns: int, rows: int) -> None:
        """Move the cursor."""
        self._put_cursor(self._index_at_offset(columns, rows))

    def action_page(self, step: int) -> None:
        """Scroll by a page, and move the cursor along."""
        rows = step * self._shape.whole_rows
        target = self._index_at_offset(0, rows)
        self._scroll_lines_to(self.scroll_offset.y + rows * self._shape.cell.height)
        self._put_cursor(target)

    def action_edge(self, side: int) -> None:
        """Go to the first or last image of all."""
        self._put_cursor(0 if side < 0 else len(self._list) - 1)

    def action_mark(self) -> None:
        """Mark or unmark the image under the cursor, and go to the next one."""
        if self.cursor_id is not None:
            self._toggle([self.cursor_id])
            self.go(1)

    def action_mark_all(self) -> None:
        """Mark all images of the list, or unmark them if all are marked."""
        self._toggle(self._list.ids)

    def action_stretch(self, columns: int, rows: int) -> None:
        """Move the cursor, and mark all images from where stretching began to the cursor."""
        if not len(self._list):
            return
        before, start, target = self.marked, self._cursor, self._index_at_offset(columns, rows)
        self._marks.stretch(self._list.ids, start, target)
        self._put_cursor(target, stretching=True)
        self._marks_changed(before)

    def action_zoom(self, step: int) -> None:
        """Show fewer and larger thumbnails, or more and smaller ones."""
        before, self._zoom = self._zoom, self._zoom + step
        if self._columns(self._shape.view.width) == self._shape.columns:
            self._zoom = before
        else:
            self._lay_out()

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked image; ctrl also marks it, a double click opens it."""
        index = self._shape.index_at(event.x, event.y + self.scroll_offset.y)
        if index is None or index >= len(self._list):
            return
        self._put_cursor(index)
        if event.ctrl:
            self._toggle([self._list.ids[index]])
        elif event.chain == 2:
            self.action_open()

    # -- cursor and marks --------------------------------------------------------------------------

    def _within(self, index: int) -> int:
        return max(0, min(index, len(self._list) - 1))

    def _index_at_offset(self, columns: int, rows: int) -> int:
        """The cell this many columns and rows from the cursor; rows stop at the first and last."""
        last_row = (len(self._list) - 1) // self._shape.columns
        row = self._cursor // self._shape.columns
        rows = max(-row, min(rows, last_row - row))
        return self._within(self._cursor + rows * self._shape.columns + columns)

    def _put_cursor(self, index: int, *, stretching: bool = False) -> bool:
        before, self._cursor = self._cursor, self._within(index)
        if not stretching:
            self._marks.end_stretch()
        self._reveal(self._cursor)
        if self._cursor == before:
            return False
        self._repaint(before)
        self._repaint(self._cursor)
        self._report_cursor()
        return True

    def _report_cursor(self) -> None:
        if self.cursor_id != self._reported:
            self._reported = self.cursor_id
            self.post_message(self.Highlighted(self.cursor_id))

    def _toggle(self, ids: Sequence[int]) -> None:
        before = self.marked
        self._marks.toggle(ids)
        self._marks_changed(before)

    def _marks_changed(self, before: frozenset[int]) -> None:
        if self.marked != before:
            self._repaint_records(self.marked ^ before)
            self._report_marks()

    def _report_marks(self) -> None:
        self.post_message(self.MarksChanged(len(self.marked)))
