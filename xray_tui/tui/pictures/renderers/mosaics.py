"""Mosaics: the block character and the two greys that are nearest to each cell of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image

from xray_tui.tui.pictures.renderers import patterns as known
from xray_tui.tui.pictures.renderers.blocks import Blocks, Cells
from xray_tui.tui.pictures.renderers.characters import ZOOMED_PIXELS
from xray_tui.tui.pictures.renderers.greys import GREYS, Colours
from xray_tui.tui.pictures.renderers.patterns import Patterns
from xray_tui.tui.pictures.scaling import scale
from xray_tui.tui.pictures.terminal_query import TerminalReply

if TYPE_CHECKING:
    import numpy as np

_TOGETHER = 64
"""Cells per multiplication: of more, BLAS makes work for all cores, and waits tens of milliseconds
for the slowest while these are busy, as while images are generated."""
_STEPS = 64
"""Steps per grey in which characters are compared."""
_HALF = 0.51
"""Halves are rounded up, and so is what is just below a half."""


class Mosaics(Blocks):
    """Draws each cell as the character and two greys with the least squared error."""

    def __init__(self, patterns: Patterns, dithered: Patterns, colours: Colours) -> None:
        super().__init__(GREYS[colours])
        self._patterns = dithered if self._greys.dithered else patterns

    def scaled(self, picture: Image.Image, columns: int, rows: int) -> Image.Image:
        """``picture`` with the samples of each cell."""
        zoomed = (columns * ZOOMED_PIXELS.width, rows * ZOOMED_PIXELS.height)
        return scale(
            picture,
            columns * self._patterns.across,
            rows * self._patterns.down,
            # A zoomed picture shows its own pixels. Others are smoothed, without the bright and
            # dark fringes of Lanczos, which bars of an eighth would show.
            Image.Resampling.NEAREST if picture.size == zoomed else Image.Resampling.HAMMING,
        )

    def cells(self, pixels: Image.Image) -> Cells:
        """The best character and greys of each cell."""
        import numpy as np

        patterns, nearest = self._patterns, self._greys.nearest
        values: Any = np.asarray(pixels)
        if self._greys.dithered:
            values = np.array(self._greys.values)[self._greys.places(pixels)]
        rows, columns = values.shape[0] // patterns.down, values.shape[1] // patterns.across
        samples = (
            values.reshape(rows, patterns.down, columns, patterns.across)
            .transpose(0, 2, 1, 3)
            .reshape(rows * columns, patterns.samples)
            .astype(np.float32)
        )
        best, *means = _fitted(samples, patterns)
        front, back = (nearest[mean] for mean in means)
        best[front == back] = 0  # one grey: any character will do, so all take the same
        text = patterns.codes[best].tobytes().decode("utf-32-le")
        return Cells(columns, text, front, back)


def _fitted(samples: np.ndarray, patterns: Patterns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each cell, a row of ``samples``: the best character, and the means of its two parts."""
    import numpy as np

    gains = np.concatenate(
        [
            samples[start : start + _TOGETHER] @ patterns.weights
            for start in range(0, len(samples), _TOGETHER)
        ]
    )
    best = _steps(np.abs(gains) * _STEPS).argmax(axis=1)
    gains = gains[np.arange(len(gains)), best]
    mean, odds = samples.mean(axis=1), patterns.odds[best]
    front, back = (
        np.clip(_steps(value), 0, 255).astype(np.uint8)
        for value in (mean + gains / odds, mean - gains * odds)
    )
    return best, front, back


def _steps(values: np.ndarray) -> np.ndarray:
    """``values`` rounded, whatever their last bits are.

    These depend on the order in which a CPU adds, and would decide between two equally good
    characters, and where a mean of whole greys is halfway between two.
    """
    import numpy as np

    return np.floor(values + _HALF)


class Quadrants(Mosaics):
    """Quadrants and bars in eighths: characters that every font for terminals has."""

    name = "quadrant"
    title = "quadrants"

    def __init__(self, colours: Colours = "truecolor") -> None:
        super().__init__(known.QUADRANTS, known.WHOLE_QUADRANTS, colours)

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal has more characters than the Linux console."""
        return reply.quadrants


class Sextants(Mosaics):
    """Sextants, too: few fonts have these, but some terminals draw them themselves."""

    name = "sextant"
    title = "sextants"

    def __init__(self, colours: Colours = "truecolor") -> None:
        super().__init__(known.SEXTANTS, known.WHOLE_SEXTANTS, colours)

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether the terminal is known to draw sextants itself."""
        return reply.sextants
