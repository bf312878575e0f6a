"""Where the cells of the gallery are: how many fit, and which one is where."""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region, Size

from xray_tui.tui.pictures.terminal_query import CellSize

FRAME = 2
"""Columns, and rows, of a cell beside its picture: the frame at both sides, and its top and the
caption."""

MIN_WIDTH = 12
_MIN_HEIGHT = 5
_SPARE = 6
"""Columns that a cell may be wider than a square picture, for the sake of its caption."""


@dataclass(frozen=True)
class GalleryShape:
    """A grid of equal cells in a view; its rows of cells go on below the view."""

    view: Size
    columns: int
    cell: Size

    @property
    def box(self) -> Size:
        """Room for the picture in a cell."""
        return self.cell - (FRAME, FRAME)

    @property
    def whole_rows(self) -> int:
        """Rows of cells that are seen whole."""
        return max(1, self.view.height // self.cell.height)

    @property
    def page(self) -> int:
        """Cells that are seen whole."""
        return self.columns * self.whole_rows

    def height(self, count: int) -> int:
        """Lines of ``count`` cells, and as many blank ones that the last row can be on top."""
        rows = -(-count // self.columns)
        hidden = max(0, rows - self.whole_rows)
        return hidden * self.cell.height + self.view.height

    def region(self, index: int) -> Region:
        """Where a cell is, in a view as high as all cells."""
        row, column = divmod(index, self.columns)
        return Region(self.left(column), row * self.cell.height, *self.cell)

    def left(self, column: int) -> int:
        """Where a column of cells begins; what is left over is spread around all of them."""
        room = self.view.width // self.columns
        return column * self.view.width // self.columns + (room - self.cell.width) // 2

    def index_at(self, x: int, y: int) -> int | None:
        """The cell at a place in a view as high as all cells, whether or not it holds an image."""
        for column in range(self.columns):
            if self.left(column) <= x < self.left(column) + self.cell.width:
                return y // self.cell.height * self.columns + column
        return None

    def seen(self, scrolled: int, count: int) -> range:
        """Those of ``count`` cells that are at least partly in view, below so many lines."""
        first = scrolled // self.cell.height * self.columns
        last = -(-(scrolled + self.view.height) // self.cell.height) * self.columns
        return range(min(first, count), min(last, count))

    def before(self, seen: range) -> range:
        """The page before."""
        return range(max(0, seen.start - self.page), seen.start)

    def after(self, seen: range, count: int) -> range:
        """The page after, of ``count`` cells."""
        return range(seen.stop, min(seen.stop + self.page, count))


def usual_columns(width: int) -> int:
    """Columns of cells where nobody asked for more or fewer: wider cells where there is room."""
    return max(1, round(width / (14 + width / 20)))


def most_columns(width: int) -> int:
    """So many columns that a caption still tells something."""
    return max(1, width // MIN_WIDTH)


def shape_for(view: Size, columns: int, cell: CellSize) -> GalleryShape:
    """Cells with room for a square picture, a little lower if one more row fits in then."""
    width = max(FRAME + 2, view.width // columns // 2 * 2)  # a square has two columns to a row
    height = round((width - FRAME) * cell.width / cell.height) + FRAME
    rows = max(1, round(view.height / height))
    height = max(_MIN_HEIGHT, min(height, view.height // rows))
    square = round((height - FRAME) * cell.height / cell.width) + FRAME
    return GalleryShape(view, columns, Size(min(width, square + _SPARE), height))
