"""Paints a drawing into the middle of a widget."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.drawing import Drawing


def area(drawing: Drawing, size: Size) -> Region:
    """The region of the drawing within a widget of this size."""
    left = max(0, size.width - drawing.columns) // 2
    top = max(0, size.height - drawing.rows) // 2
    return Region(left, top, drawing.columns, drawing.rows)


def paint(drawing: Drawing, region: Region, style: Style, *, graphics: bool) -> list[Strip]:
    """All rows of a widget that is at ``region`` of the screen."""
    width, inner = region.width, area(drawing, region.size)
    left, right = Strip.blank(inner.x, style), Strip.blank(width - inner.right, style)
    blank = Strip.blank(width, style)
    picture = drawing.graphics(region.offset + inner.offset) if graphics else drawing.strips
    rows = [Strip.join([left, row, right]) for row in picture]
    return [*[blank] * inner.y, *rows, *[blank] * (region.height - inner.bottom)]
