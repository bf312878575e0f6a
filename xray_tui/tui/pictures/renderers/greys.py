"""The greys that a terminal shows: any grey, or those among its 256 or 16 colours."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from PIL import Image
from rich.color import Color
from rich.style import Style

if TYPE_CHECKING:
    import numpy as np

Colours = Literal["truecolor", "256", "standard", "console"]
"""The colours of a terminal: all, 256, 16, or the 16 of the Linux console."""

_KEPT = 1 << 14


class Greys:
    """Greys that are addressed by their place, the darkest first.

    ``values`` are the greys, 0 to 255. ``numbers`` are the terminal's own numbers of these colours;
    without them, colours are sent by value. A terminal with few greys shows others by mixing pixels
    of two greys: then ``dithered`` is true.
    """

    def __init__(
        self, values: Sequence[int], numbers: Sequence[int] = (), *, dithered: bool = False
    ) -> None:
        self.values = tuple(values)
        self.dithered = dithered
        if numbers:
            self._colours = [Color.from_ansi(number) for number in numbers]
        else:
            self._colours = [Color.from_rgb(value, value, value) for value in values]
        self.style = lru_cache(_KEPT)(self._style)
        """The style of a character in the first grey on the second."""

    def _style(self, front: int, back: int) -> Style:
        return Style.from_color(self._colours[front], self._colours[back])

    @cached_property
    def nearest(self) -> np.ndarray:
        """For each value 0 to 255, the place of the grey nearest to it."""
        import numpy as np

        distances = np.abs(np.arange(256)[:, None] - np.array(self.values))
        return np.asarray(distances.argmin(axis=1), dtype=np.intp)

    def places(self, pixels: Image.Image) -> np.ndarray:
        """The grey for each pixel (mode L), as its place: the nearest, or dithered."""
        import numpy as np

        if not self.dithered:
            return np.asarray(self.nearest[np.asarray(pixels)])
        mixed = pixels.convert("RGB").quantize(
            palette=self._palette, dither=Image.Dither.FLOYDSTEINBERG
        )
        return np.minimum(np.asarray(mixed, dtype=np.intp), len(self.values) - 1)

    @cached_property
    def _palette(self) -> Image.Image:
        filled = [*self.values, *[self.values[-1]] * (256 - len(self.values))]
        palette = Image.new("P", (1, 1))
        palette.putpalette([part for value in filled for part in (value, value, value)])
        return palette


ALL = Greys(range(256))

_RAMP = {16: 0, **{232 + step: 8 + 10 * step for step in range(24)}, 231: 255}
_CUBE = {59: 95, 102: 135, 145: 175, 188: 215}
_OF_256 = sorted((_RAMP | _CUBE).items(), key=lambda one: one[1])
IN_256 = Greys([value for _, value in _OF_256], [number for number, _ in _OF_256])
"""Rich and Textual would take the nearest by a formula that is often one step off."""

IN_16 = Greys((0, 127, 229, 255), (0, 8, 7, 15), dithered=True)
"""As in xterm; other terminals differ a little."""
ON_CONSOLE = Greys((0, 85, 170, 255), (0, 8, 7, 15), dithered=True)
"""Bright colours are for characters only: as backgrounds, the console shows the dark ones."""


GREYS: dict[Colours, Greys] = {
    "truecolor": ALL,
    "256": IN_256,
    "standard": IN_16,
    "console": ON_CONSOLE,
}
