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


def paint(picture: list[Strip], inner: Region, size: Size, style: Style) -> list[Strip]:
    """All rows of a widget of this size, with the rows of a picture at ``inner``."""
    left, right = Strip.blank(inner.x, style), Strip.blank(size.width - inner.right, style)
    blank = Strip.blank(size.width, style)
    rows = [Strip.join([left, row, right]) for row in picture]
    return [*[blank] * inner.y, *rows, *[blank] * (size.height - inner.bottom)]
