"""The layout of the gallery: how many cells fit, and where each of them is."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region, Size

from xray_tui.tui.pictures.terminal_query import CellSize

FRAME = 2
"""Columns of a cell in addition to its picture (the frame on both sides), and rows (the top of the
frame, and the caption)."""

MIN_WIDTH = 12
_MIN_HEIGHT = 5
_SPARE = 6
"""Columns by which a cell may be wider than a square picture, to leave room for its caption."""


@dataclass(frozen=True)
class GalleryShape:
    """A grid of equal cells in a view that scrolls over them."""

    view: Size
    columns: int
    cell: Size

    @property
    def box(self) -> Size:
        """Columns and rows for the picture in a cell."""
        return self.cell - (FRAME, FRAME)

    @property
    def whole_rows(self) -> int:
        """Rows of cells that fit into the view completely."""
        return max(1, self.view.height // self.cell.height)

    @property
    def page(self) -> int:
        """Cells that fit into the view completely."""
        return self.columns * self.whole_rows

    def height(self, count: int) -> int:
        """Lines for ``count`` cells, and blank lines that let the last row scroll to the top."""
        rows = -(-count // self.columns)
        hidden = max(0, rows - self.whole_rows)
        return hidden * self.cell.height + self.view.height

    def region(self, index: int) -> Region:
        """The place of a cell, in lines from the first cell, not from the top of the view."""
        row, column = divmod(index, self.columns)
        return Region(self.left(column), row * self.cell.height, *self.cell)

    def left(self, column: int) -> int:
        """Where a column of cells begins; spare columns are spread evenly around all of them."""
        room = self.view.width // self.columns
        return column * self.view.width // self.columns + (room - self.cell.width) // 2

    def index_at(self, x: int, y: int) -> int | None:
        """The cell at a place, in lines from the first cell; it need not hold an image."""
        for column in range(self.columns):
            if self.left(column) <= x < self.left(column) + self.cell.width:
                return y // self.cell.height * self.columns + column
        return None

    def in_view(self, scrolled: int, count: int) -> range:
        """Which of ``count`` cells are at least partly in view after scrolling by some lines."""
        first = scrolled // self.cell.height * self.columns
        last = -(-(scrolled + self.view.height) // self.cell.height) * self.columns
        return range(min(first, count), min(last, count))

    def before(self, seen: range) -> range:
        """The page before the cells ``seen``."""
        return range(max(0, seen.start - self.page), seen.start)

    def after(self, seen: range, count: int) -> range:
        """The page after the cells ``seen``, of ``count`` cells."""
        return range(seen.stop, min(seen.stop + self.page, count))


def usual_columns(width: int) -> int:
    """Default number of columns: wider cells where there is room."""
    return max(1, round(width / (14 + width / 20)))


def most_columns(width: int) -> int:
    """Largest number of columns: captions have to stay readable."""
    return max(1, width // MIN_WIDTH)


def shape_for(view: Size, columns: int, cell: CellSize) -> GalleryShape:
    """The shape with cells for square pictures, or slightly lower cells if that adds a row."""
    width = max(FRAME + 2, view.width // columns // 2 * 2)  # even: a row is two columns high
    height = round((width - FRAME) * cell.width / cell.height) + FRAME
    rows = max(1, round(view.height / height))
    height = max(_MIN_HEIGHT, min(height, view.height // rows))
    square = round((height - FRAME) * cell.height / cell.width) + FRAME
    return GalleryShape(view, columns, Size(min(width, square + _SPARE), height))
