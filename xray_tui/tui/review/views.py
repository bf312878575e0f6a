"""Three views of the same images (gallery, loupe, comparison), and the panel next to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from PIL import Image
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ContentSwitcher

from xray_tui.dataset.checks.examining import UNREADABLE
from xray_tui.dataset.files.thumbnails import Thumbnails
from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.errors import DatasetError
from xray_tui.keymap import key_of
from xray_tui.tui.error_toasts import errors_as_toasts, toast_errors
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.compare import MOST, Compare
from xray_tui.tui.review.descriptions import compared, details_of, image_title
from xray_tui.tui.review.gallery.filmstrip import Filmstrip
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.loupe import Loupe
from xray_tui.tui.review.panel.record_panel import RecordPanel

_AHEAD = 2
"""Images after the one in the loupe that are loaded in advance."""
_GONE = "This image is no longer in the dataset."


class ReviewViews(Horizontal):
    """Shows images of the dataset at ``desk``; the loupe follows the gallery's cursor.

    ``look_again`` examines the image of a record again. It is called in other threads when the
    catalog turns out to be wrong about whether a file is readable.
    """

    class Moved(Message):
        """The current image, the view or the marks have changed."""

    def __init__(
        self,
        desk: ReviewDesk,
        look_again: Callable[[int], bool],
        renderer: Renderer | None = None,
    ) -> None:
        super().__init__()
        self._desk = desk
        self._look_again = look_again
        self._renderer = renderer
        self._thumbnails = Thumbnails(desk.root)
        self._ids: Sequence[int] = ()
        self._in_loupe: GalleryRow | None = None

    def compose(self) -> ComposeResult:
        with ContentSwitcher(initial="gallery"):
            gallery = Gallery(
                self._rows, self._thumbnail, self._open_loupe, self._renderer, id="gallery"
            )
            yield gallery
            filmstrip = Filmstrip(self._rows, self._thumbnail, gallery.move_to, self._renderer)
            yield Loupe(filmstrip, self._renderer, id="loupe")
            yield Compare(self._renderer, id="compare")
        yield RecordPanel()

    def on_unmount(self) -> None:
        self._thumbnails.close()

    def _rows(self, ids: Sequence[int]) -> list[GalleryRow]:
        with errors_as_toasts(self):
            return self._desk.index.rows(ids)
        return []

    def _thumbnail(self, row: GalleryRow, pixels: int) -> Image.Image:
        try:
            thumbnail = self._thumbnails.get(self._desk.root / row.file, pixels)
        except DatasetError:
            self._correct_readable(row, False)
            raise
        self._correct_readable(row, True)
        return thumbnail

    def _correct_readable(self, row: GalleryRow, readable: bool) -> None:
        """Correct the catalog if it is wrong about a file being readable. Call it in a thread."""
        if _is_outdated(row, readable) and self._look_again(row.record_id):
            self.call_later(self._refresh_row, row.record_id)

    def _refresh_row(self, record_id: int) -> None:
        if self.is_attached:
            self.refresh_rows([record_id])

    # ---- called by the screen --------------------------------------------------------------------

    @property
    def gallery(self) -> Gallery:
        """The grid, with cursor and marks."""
        return self.query_one(Gallery)

    @property
    def current(self) -> str:
        """``gallery``, ``loupe`` or ``compare``."""
        return str(self.query_one(ContentSwitcher).current)

    @property
    def targets(self) -> list[int]:
        """The records a key applies to: the current one, or in the gallery the marked ones."""
        if self.current == "gallery" and self.gallery.marked:
            return sorted(self.gallery.marked)
        return self.current_ids

    @property
    def current_ids(self) -> list[int]:
        """The record of the current image, if there is one."""
        current = self._current_id
        return [] if current is None else [current]

    def show(self, ids: Sequence[int]) -> None:
        """Show these records; the cursor stays on its record if that is one of them."""
        self._ids = ids
        self.gallery.show(ids, self.gallery.cursor_id)
        if self.current == "loupe":
            self.query_one(Filmstrip).show(ids, self.gallery.cursor_index)

    def change_to(self, name: str) -> None:
        """Change between ``gallery``, ``loupe`` and ``compare``."""
        self.query_one(ContentSwitcher).current = name
        self.query_one(f"#{name}").focus()
        if name == "loupe":
            self._show_in_loupe()
        self.show_details()
        self.post_message(self.Moved())

    def focus_current(self) -> None:
        """Focus the current view."""
        self.query_one(f"#{self.current}").focus()

    def focus_other_part(self) -> bool:
        """Focus the details, or from anywhere else the images; False if there are no details."""
        panel = self.query_one(RecordPanel)
        if self.screen.focused is not self.query_one(f"#{self.current}"):
            self.focus_current()
        elif panel.display:
            panel.focus()
        else:
            return False
        return True

    def refresh_rows(self, record_ids: Sequence[int]) -> None:
        """Show these records again: something about them has changed."""
        self.gallery.refresh_rows(record_ids)
        if self.current == "loupe":
            self._show_in_loupe()
        if self.current == "compare":
            compare = self.query_one(Compare)
            self._show_compared([item.record_id for item in compare.items])
        self.show_details()

    def read_again(self) -> None:
        """Show the images and the details of the current one as the catalog has them now."""
        self.gallery.read_again()
        self.refresh_rows([])

    def flash(self, record_ids: Sequence[int], decision: Decision) -> None:
        """Show for a moment that these images, which may be out of sight by now, were judged."""
        if self.current == "gallery":
            self.gallery.flash(record_ids, decision)
        elif self.current == "loupe":
            self.query_one(Loupe).flash(decision)
        else:
            self.query_one(Compare).flash(decision)

    def toggle_compare(self) -> bool:
        """Compare the marked images, or the current one and the next.

        A second call compares four images, if none are marked; another one returns to the gallery.
        False if there is only one image.
        """
        compare = self.query_one(Compare)
        marked_ids = self.gallery.marked
        marked = list(islice((one for one in self._ids if one in marked_ids), MOST))
        comparing = self.current == "compare"
        if comparing and (marked or len(compare.items) == MOST):
            self.change_to("gallery")
            return True
        start = self.gallery.cursor_index
        near = self._ids[start : start + (MOST if comparing else 2)]
        return self.compare(marked if len(marked) > 1 else near)

    def compare(self, ids: Sequence[int]) -> bool:
        """Compare these images; False if there are fewer than two."""
        if len(ids) > 1:
            self._show_compared(ids)
            self.change_to("compare")
        return len(ids) > 1

    @toast_errors
    def show_details(self) -> None:
        """Show the details of the current image, if the panel is open."""
        panel, current = self.query_one(RecordPanel), self._current_id
        if not panel.display:
            return
        record = None if current is None else self._desk.record(current)
        rows = [] if record is None else self._desk.index.rows([record.id])
        if record is None or not rows:
            panel.clear()
        else:
            hidden = self._desk.hide_votes and rows[0].opinion.decision == "undecided"
            reviews = None if hidden else self._desk.reviews(record.id)
            panel.show(details_of(record, rows[0], reviews, self._desk.reviewer))

    # ---- internals -------------------------------------------------------------------------------

    @property
    def _current_id(self) -> int | None:
        if self.current == "compare":
            item = self.query_one(Compare).highlighted
            return None if item is None else item.record_id
        return self.gallery.cursor_id

    @on(Gallery.Highlighted)
    @on(Compare.Highlighted)
    def _follow_cursor(self, message: Message) -> None:
        message.stop()
        if self.current == "loupe":
            self._show_in_loupe()
        if self.current == "compare" and isinstance(message, Gallery.Highlighted):
            self._compare_from_cursor()
        self.show_details()
        self.post_message(self.Moved())

    @on(Gallery.MarksChanged)
    def _report_marks(self, message: Gallery.MarksChanged) -> None:
        message.stop()
        self.post_message(self.Moved())

    @on(Loupe.Loaded)
    def _check_readable(self, message: Loupe.Loaded) -> None:
        message.stop()
        row = self._in_loupe
        if row is not None and _is_outdated(row, message.readable):
            self._correct_in_thread(row, message.readable)

    @work(thread=True, group="readable")
    def _correct_in_thread(self, row: GalleryRow, readable: bool) -> None:
        self._correct_readable(row, readable)

    def _open_loupe(self) -> None:
        self.change_to("loupe")

    @toast_errors
    def _show_in_loupe(self) -> None:
        loupe, index = self.query_one(Loupe), self.gallery.cursor_index
        places = (*range(index, index + _AHEAD + 1), index - 1)
        near = [self._ids[place] for place in places if 0 <= place < len(self._ids)]
        rows = self._desk.index.rows(near)
        if not rows or rows[0].record_id != self.gallery.cursor_id:
            self._in_loupe = None
            change = f"Press {key_of('filter')} to change it, or esc for the gallery."
            loupe.show_text(_GONE if self._ids else f"No images match the filter. {change}")
            return
        self._in_loupe = rows[0]
        paths = [self._desk.root / row.file for row in rows]
        loupe.show(paths[0], image_title(rows[0]), paths[1:])
        loupe.filmstrip.show(self._ids, index)

    def _compare_from_cursor(self) -> None:
        """Compare the same number of images from the cursor on, unless images are marked."""
        number = len(self.query_one(Compare).items)
        start = max(0, min(self.gallery.cursor_index, len(self._ids) - number))
        near = self._ids[start : start + number]
        if not self.gallery.marked and len(near) > 1:
            self._show_compared(near)

    @toast_errors
    def _show_compared(self, ids: Sequence[int]) -> None:
        records = [record for one in ids if (record := self._desk.record(one)) is not None]
        rows = {row.record_id: row for row in self._desk.index.rows([one.id for one in records])}
        self.query_one(Compare).show(
            [compared(one, rows[one.id], self._desk.root) for one in records if one.id in rows]
        )


def _is_outdated(row: GalleryRow, readable: bool) -> bool:
    """Whether ``row`` is wrong about its file being ``readable``."""
    return readable == (UNREADABLE in row.checks)
