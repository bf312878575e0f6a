"""Half cells: two grey pixels per character cell, in every terminal with colours."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.characters import Characters
from xray_tui.tui.pictures.scaling import scale

_HALF = "▀"


class HalfCells(Characters):
    """Draws two pixels per cell: the upper one as ▀, the lower one as its background."""

    name = "halfcell"

    def scaled(self, picture: Image.Image, columns: int, rows: int) -> Image.Image:
        """``picture`` with one pixel for each column and two for each row."""
        return scale(picture, columns, rows * 2)

    def strips(self, pixels: Image.Image) -> list[Strip]:
        """One strip for each two rows of pixels."""
        width, height = pixels.size
        greys = pixels.tobytes()
        strips = []
        for start in range(0, height * width, 2 * width):
            upper = greys[start : start + width]
            lower = greys[start + width : start + 2 * width]
            segments = [
                Segment(_HALF * length, _style(above, below))
                for above, below, length in _runs(upper, lower)
            ]
            strips.append(Strip(segments, width))
        return strips


def _runs(upper: bytes, lower: bytes) -> list[tuple[int, int, int]]:
    """Runs of neighbouring cells with the same two greys: (upper, lower, number of cells)."""
    runs: list[tuple[int, int, int]] = []
    for pair in zip(upper, lower, strict=True):
        if runs and runs[-1][:2] == pair:
            runs[-1] = (*pair, runs[-1][2] + 1)
        else:
            runs.append((*pair, 1))
    return runs


@lru_cache(maxsize=1 << 14)
def _style(above: int, below: int) -> Style:
    return Style(
        color=Color.from_rgb(above, above, above), bgcolor=Color.from_rgb(below, below, below)
    )
