"""The base of all renderers that draw each cell as a block character in two greys."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from PIL import Image
from rich.segment import Segment
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.characters import Characters
from xray_tui.tui.pictures.renderers.greys import Greys

if TYPE_CHECKING:
    import numpy as np

    Places = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True, eq=False)
class Cells:
    """Characters, row after row, and the places of their two greys among the terminal's greys."""

    columns: int
    text: str
    front: Places
    back: Places


class Blocks(Characters):
    """Draws with characters that divide a cell into two parts."""

    def __init__(self, greys: Greys) -> None:
        self._greys = greys

    @abstractmethod
    def cells(self, pixels: Image.Image) -> Cells:
        """The characters for an image that :meth:`scaled` returned."""

    def strips(self, pixels: Image.Image) -> list[Strip]:
        """The rows of characters. Neighbours in the same greys are sent as one segment."""
        import numpy as np

        cells, style = self.cells(pixels), self._greys.style
        columns, text = cells.columns, cells.text
        greys = cells.front * 256 + cells.back
        starts_run = np.empty(len(greys), dtype=bool)
        np.not_equal(greys[1:], greys[:-1], out=starts_run[1:])
        starts_run[::columns] = True
        places = np.flatnonzero(starts_run)
        starts = places.tolist()
        segments = [
            Segment(text[start:end], style(front, back))
            for start, end, front, back in zip(
                starts,
                [*starts[1:], len(text)],
                cells.front[places].tolist(),
                cells.back[places].tolist(),
                strict=True,
            )
        ]
        rows = np.searchsorted(places, np.arange(0, len(text) + 1, columns)).tolist()
        return [Strip(segments[start:end], columns) for start, end in pairwise(rows)]
