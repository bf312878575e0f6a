"""Half cells: two grey pixels per character cell, in every terminal with colours."""

from __future__ import annotations

from PIL import Image

from xray_tui.tui.pictures.renderers.blocks import Blocks, Cells
from xray_tui.tui.pictures.renderers.greys import GREYS, ON_CONSOLE, Colours
from xray_tui.tui.pictures.scaling import scale

_UPPER, _LOWER, _FULL = "▀▄█"


class HalfCells(Blocks):
    """Draws two pixels per cell: the upper one as ▀, the lower one as its background."""

    name = "halfcell"
    title = "half cells"

    def __init__(self, colours: Colours = "truecolor") -> None:
        super().__init__(GREYS[colours])

    def scaled(self, picture: Image.Image, columns: int, rows: int) -> Image.Image:
        """``picture`` with one pixel for each column and two for each row."""
        return scale(picture, columns, rows * 2)

    def cells(self, pixels: Image.Image) -> Cells:
        """The two greys of each cell."""

        places = self._greys.places(pixels)
        upper, lower = places[::2].ravel(), places[1::2].ravel()
        if self._greys is ON_CONSOLE:
            return _on_console(pixels.width, upper.tolist(), lower.tolist())
        return Cells(pixels.width, _UPPER * len(upper), upper, lower)


def _on_console(columns: int, upper: list[int], lower: list[int]) -> Cells:
    """Cells with backgrounds that the Linux console has: it has no bright ones.

    A bright pixel is drawn by the character, be it the upper one, the lower one or both. Only where
    the two are differently bright, the lower one is dimmed.
    """
    import numpy as np

    text, front, back = [], [], []
    for above, below in zip(upper, lower, strict=True):
        if above == below:
            drawn = (_FULL, above, 0)
        elif below % 2 == 0:
            drawn = (_UPPER, above, below)
        elif above % 2 == 0:
            drawn = (_LOWER, below, above)
        else:
            drawn = (_UPPER, above, below - 1)
        text.append(drawn[0])
        front.append(drawn[1])
        back.append(drawn[2])
    return Cells(columns, "".join(text), np.array(front), np.array(back))
