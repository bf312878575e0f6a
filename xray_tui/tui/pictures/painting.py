"""A drawing in the middle of a widget: as rows of characters, or of what graphics are drawn by."""

from __future__ import annotations

from rich.segment import ControlType, Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from xray_tui.tui.pictures.drawing import Drawing

_AS_CONTROL = ((ControlType.CURSOR_FORWARD, 0),)
"""Marks a segment that takes no cells."""


def area(drawing: Drawing, size: Size) -> Region:
    """Where the drawing is in a widget of this size."""
    left = max(0, size.width - drawing.columns) // 2
    top = max(0, size.height - drawing.rows) // 2
    return Region(left, top, drawing.columns, drawing.rows)


def paint(drawing: Drawing, region: Region, style: Style, *, graphics: bool) -> list[Strip]:
    """All rows of a widget that is at ``region`` of the screen."""
    width, inner = region.width, area(drawing, region.size)
    left, right = Strip.blank(inner.x, style), Strip.blank(width - inner.right, style)
    blank = Strip.blank(width, style)
    rows = [Strip.join([left, row, right]) for row in _rows(drawing, region, graphics)]
    return [*[blank] * inner.y, *rows, *[blank] * (region.height - inner.bottom)]


def _rows(drawing: Drawing, region: Region, graphics: bool) -> list[Strip]:
    """The rows of the picture, without what is beside it.

    A Sixel is sent whole with its last row, and its cells are stepped over: blanks in them
    would wipe out the pixels there, and flicker; the Sixel covers what was there before it.
    """
    if graphics and drawing.placement is not None:
        return drawing.placement.strips
    if not graphics or not drawing.sixel:
        return drawing.strips
    step_over = Segment(f"\x1b[{drawing.columns}C", None, _AS_CONTROL)
    picture = Segment(sixel_in(drawing, region), None, _AS_CONTROL)
    row = Strip([step_over], drawing.columns)
    return [row] * (drawing.rows - 1) + [Strip([step_over, picture], drawing.columns)]


def sixel_in(drawing: Drawing, region: Region) -> str:
    """Go to the corner, draw, and go where the last row ends: what is beside it follows."""
    inner = area(drawing, region.size).translate(region.offset)
    return f"{_move_to(inner.x, inner.y)}{drawing.sixel}{_move_to(inner.right, inner.bottom - 1)}"


def _move_to(column: int, row: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"
