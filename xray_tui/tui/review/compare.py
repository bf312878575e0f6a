"""Up to four images side by side, with the same zoom and window, and the values that differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widgets import Static

from xray_tui.dataset.opinions import Decision
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.sources import FilePicture
from xray_tui.tui.pictures.terminal import cell_size
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.pictures.view import Frame, greys_text
from xray_tui.tui.review.differences import differences, differing_values
from xray_tui.tui.review.flash import Flash
from xray_tui.tui.review.viewer import MOVES, Viewer
from xray_tui.tui.stylesheet import stylesheet_for

MOST = 4
"""Images that can be compared at once."""

_CAPTION_SHARE = 5
"""The caption of an image may take one in this many rows from the picture."""
_CAPTION_PADDING = 2
_SEPARATOR = " · "


@dataclass(frozen=True)
class CompareItem:
    """An image to compare. ``details`` are its parameters by name, the most important first."""

    record_id: int
    path: Path
    title: str
    details: Mapping[str, str]


def arrangement(
    count: int, size: tuple[int, int], cell: CellSize, caption_rows: Callable[[int], int]
) -> tuple[int, int, int]:
    """The best arrangement: number of columns of images, then width and rows of each caption.

    The square pictures of ``count`` images become as large as possible. ``caption_rows`` returns
    how many rows complete captions need at a given width. They get fewer if the pictures would
    become too small.
    """
    width, height = size

    def room(columns: int) -> tuple[int, int]:
        """Columns and rows for each image, without its title."""
        rows = -(-count // columns)
        return width // columns - 1, height // rows - 1

    def caption(columns: int) -> tuple[int, int]:
        across, down = room(columns)
        inside = max(1, across - _CAPTION_PADDING)
        left = down - across * cell.width // cell.height
        return inside, min(caption_rows(inside), max(1, down // _CAPTION_SHARE, left))

    def merit(columns: int) -> tuple[int, int]:
        across, down = room(columns)
        side = min(across * cell.width, (down - caption(columns)[1]) * cell.height)
        return side, -(-count % columns)  # among equals, the one with the fewest gaps

    columns = max(range(1, count + 1), key=merit)
    return columns, *caption(columns)


def _room(count: int, columns: int, size: Size) -> Size:
    """The room of each image below its title: that of the smallest, as some are a cell larger."""
    gaps, rows = columns - 1, -(-count // columns)
    return Size((size.width - gaps) // columns, size.height // rows - 1)


class Compare(Viewer):
    """Shows images with the parameters in which they differ. One of them has the cursor."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Compare"
    MANUAL_PAGE = "review#compare"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("next_part", "next(1)", "Next", tooltip="next image"),
        bound("previous_part", "next(-1)", "Previous", show=False, tooltip="previous image"),
        *MOVES,
        bound("right", "next(1)", "Next", show=False),
        bound("left", "next(-1)", "Previous", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor moved to another image."""

        record_id: int

    def __init__(self, renderer: Renderer | None = None, id: str | None = None) -> None:
        super().__init__(id)
        self._renderer = renderer
        self._items: tuple[CompareItem, ...] = ()
        self._cursor = 0

    def compose(self) -> ComposeResult:
        with Grid():
            for _ in range(MOST):
                yield ComparedImage(self._renderer)
        yield Static(id="compare-status", markup=False)

    def on_resize(self) -> None:
        """Arrange the images for the new size."""
        self._arrange()

    # -- called by the screen ----------------------------------------------------------------------

    @property
    def items(self) -> tuple[CompareItem, ...]:
        """The images shown."""
        return self._items

    @property
    def highlighted(self) -> CompareItem | None:
        """The image the cursor is on."""
        return self._items[self._cursor] if self._items else None

    def show(self, items: Sequence[CompareItem]) -> None:
        """Show two to four images. The cursor goes to the first, or stays if they are the same."""
        before = [item.record_id for item in self._items]
        self._items = tuple(items[:MOST])
        same = before == [item.record_id for item in self._items]
        values = differing_values([item.details for item in self._items])
        for place, image in enumerate(self._images):
            image.display = place < len(self._items)
            if image.display:
                image.show(self._items[place], values[place])
            else:
                image.clear()
        self._arrange()
        self.expect_pictures()
        self._go_to(self._cursor if same else 0)
        self.show_status()

    def flash(self, decision: Decision) -> None:
        """Show for a moment that the image with the cursor was judged."""
        if self._items:
            self._images[self._cursor].flash(decision)

    # -- the cursor --------------------------------------------------------------------------------

    def action_next(self, step: int) -> None:
        """Move the cursor to the next or previous image, around the ends."""
        if self._items:
            self._go_to((self._cursor + step) % len(self._items))

    def on_compared_image_clicked(self, event: ComparedImage.Clicked) -> None:
        """Move the cursor to the clicked image."""
        event.stop()
        self._go_to(self._images.index(event.image))

    def _go_to(self, place: int) -> None:
        self._cursor = place
        for number, image in enumerate(self._images):
            image.set_class(number == place, "-cursor")
        if self._items:
            self.post_message(self.Highlighted(self._items[place].record_id))

    # -- the pictures ------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """The frame of the image with the cursor; if it cannot be shown, of another one."""
        images = self._images
        shown = (image.picture.frame for image in (images[self._cursor], *images) if image.display)
        return next((frame for frame in shown if frame is not None), None)

    def show_status(self) -> None:
        """Show zoom and window, and say if all parameters are the same."""
        text = f"{self.place_text()} · {greys_text(self.view)}"
        if len(self._items) > 1 and not differences([item.details for item in self._items]):
            text += " · all parameters are the same"
        self.query_one("#compare-status", Static).update(Content(text), layout=False)

    def _arrange(self) -> None:
        if self._items and self.query_one(Grid).size:
            grid, images = self.query_one(Grid), self._images[: len(self._items)]
            columns, width, rows = arrangement(
                len(images),
                grid.size,
                cell_size(),
                lambda width: max(image.caption_rows(width) for image in images),
            )
            grid.styles.grid_size_columns = columns
            room = _room(len(images), columns, grid.size)
            for image in images:
                image.fit_caption(width, rows)
                image.picture.limit(room - (0, rows))

    @property
    def _images(self) -> list[ComparedImage]:
        return list(self.query(ComparedImage).results())


class ComparedImage(Vertical):
    """One image: title, picture, and the values that differ from the other images."""

    @dataclass
    class Clicked(Message):
        """The image was clicked."""

        image: ComparedImage

    def __init__(self, renderer: Renderer | None) -> None:
        super().__init__()
        self.picture = PictureView(renderer)
        self._title = ""
        self._flash = Flash(self, self._show_title)
        self._values: Mapping[str, str] = {}

    def compose(self) -> ComposeResult:
        yield Static(classes="title", markup=False)
        yield self.picture
        yield Static(classes="details", markup=False)

    def show(self, item: CompareItem, values: Mapping[str, str]) -> None:
        """Show ``item``. ``values`` differ from the other images: see :meth:`fit_caption`."""
        self._title = clean(item.title)
        self._show_title()
        self._values = values
        self.picture.show(FilePicture(item.path))

    def flash(self, decision: Decision) -> None:
        """Show ``decision`` for a moment."""
        self._flash.show(decision)

    def _show_title(self) -> None:
        line = self.query_one(".title", Static)
        line.update(self._flash.next_to(self._title, line.content_size.width), layout=False)

    def caption_rows(self, width: int) -> int:
        """How many rows the complete caption takes at ``width``."""
        return len(_caption_lines(self._values, width))

    def fit_caption(self, width: int, rows: int) -> None:
        """Show as much of the caption as fits into ``rows`` rows of ``width``."""
        details = self.query_one(".details", Static)
        details.styles.height = rows
        details.update(_cut(_caption_lines(self._values, width), width, rows), layout=False)

    def clear(self) -> None:
        """Show nothing, and stop drawing."""
        self.picture.show_text(Content(""))

    def on_click(self) -> None:
        """Report the click."""
        self.post_message(self.Clicked(self))


def _caption_lines(values: Mapping[str, str], width: int) -> list[Content]:
    """``seed 7 · steps 20``, names dimmed; a name and its value stay on one line."""
    lines: list[Content] = []
    for name, value in values.items():
        item = Content.assemble((clean(name), "$text-muted"), " ", clean(value))
        if lines and lines[-1].cell_length + len(_SEPARATOR) + item.cell_length <= width:
            lines[-1] = Content(_SEPARATOR).join([lines[-1], item])
        else:
            lines += item.wrap(width)
    return lines


def _cut(lines: list[Content], width: int, rows: int) -> Content:
    """The first ``rows`` of ``lines``, with an ellipsis at the end if there are more."""
    if len(lines) > rows:
        last = Content.assemble(lines[rows - 1].truncate(max(0, width - 2)), " …")
        lines = [*lines[: rows - 1], last]
    return Content("\n").join(lines)
