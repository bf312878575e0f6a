"""Pictures scaled to a number of cells or pixels."""

from __future__ import annotations

from PIL import Image

from xray_tui.tui.pictures.terminal_query import CellSize


def fit(size: tuple[int, int], box: tuple[int, int], cell: CellSize) -> tuple[int, int]:
    """The largest columns and rows within ``box`` that keep the proportions of ``size``."""
    width, height = size
    factor = min(box[0] * cell.width / width, box[1] * cell.height / height)
    columns = round(width * factor / cell.width)
    rows = round(height * factor / cell.height)
    return max(1, min(columns, box[0])), max(1, min(rows, box[1]))


def scale(
    picture: Image.Image,
    width: int,
    height: int,
    resampling: Image.Resampling = Image.Resampling.LANCZOS,
) -> Image.Image:
    """``picture`` at exactly this size; sides change by less than a cell, so nothing is cropped."""
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), resampling)
