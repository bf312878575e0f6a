"""Block characters, and which part of a cell each of them fills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Table = np.ndarray[Any, np.dtype[np.float32]]

_SAMPLES = 8
"""Samples across a cell, and down it: one for each eighth."""


class Box(NamedTuple):
    """A part of a cell, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float


def _split(across: int, down: int, bits: int) -> tuple[Box, ...]:
    """The parts named by ``bits`` of a cell split into ``across`` × ``down``, row after row."""
    return tuple(
        Box(x / across, y / down, (x + 1) / across, (y + 1) / down)
        for y in range(down)
        for x in range(across)
        if bits >> (y * across + x) & 1
    )


# A pattern and its complement are the same with the two greys swapped, so one of each is enough.
# ▀ comes first, because cells in one grey take the first.
_QUADRANTS = {
    char: _split(2, 2, bits) for char, bits in zip("▀▌▚▘▝▖▗", (3, 5, 9, 1, 2, 4, 8), strict=True)
}
_EIGHTHS = {
    **{chr(0x2580 + n): (Box(0, 1 - n / 8, 1, 1),) for n in (1, 2, 3, 5, 6, 7)},
    **{chr(0x2590 - n): (Box(0, 0, n / 8, 1),) for n in (1, 2, 3, 5, 6, 7)},
}
_LEFT_HALF = 0b010101
_SEXTANTS = {
    chr(0x1FB00 + bits - 1 - (bits > _LEFT_HALF)): _split(2, 3, bits)
    for bits in range(1, 32)
    if bits != _LEFT_HALF  # which is ▌, and has no second code
}


@dataclass(frozen=True, eq=False)
class Patterns:
    """Characters, and the parts of a cell they fill, for cells of ``across`` × ``down`` samples."""

    across: int
    down: int
    boxes: dict[str, tuple[Box, ...]]

    @property
    def samples(self) -> int:
        """Samples in a cell."""
        return self.across * self.down

    @cached_property
    def codes(self) -> np.ndarray[Any, np.dtype[np.uint32]]:
        """The code of each character."""
        import numpy as np

        return np.array([ord(char) for char in self.boxes], dtype="<u4")

    @cached_property
    def odds(self) -> Table:
        """For each character: the square root of its filled area divided by the rest."""
        import numpy as np

        filled = self._filled.mean(axis=1)
        return np.asarray(np.sqrt(filled / (1 - filled)), dtype=np.float32)

    @cached_property
    def weights(self) -> Table:
        """A row for each sample, a column for each character.

        The samples of a cell, times these, give for each character how much it tells apart: the
        square is the squared error that its two greys take away from that of a single grey.
        """
        import numpy as np

        filled = self._filled
        inside = filled / filled.sum(axis=1, keepdims=True)
        weights = (inside - 1 / self.samples) * self.odds[:, None]
        return np.ascontiguousarray(weights.T, dtype=np.float32)

    @cached_property
    def _filled(self) -> Table:
        """The share of each sample that a character fills, a row for each character."""
        import numpy as np

        return np.array(
            [
                np.sum(
                    [
                        np.outer(
                            _shares(box.top, box.bottom, self.down),
                            _shares(box.left, box.right, self.across),
                        )
                        for box in boxes
                    ],
                    axis=0,
                ).ravel()
                for boxes in self.boxes.values()
            ],
            dtype=np.float32,
        )


def _shares(start: float, end: float, count: int) -> Sequence[float]:
    """How much of each of ``count`` samples lies between two places of a side, 0 to 1."""
    return [
        max(0.0, min(end * count, place + 1) - max(start * count, place)) for place in range(count)
    ]


QUADRANTS = Patterns(_SAMPLES, _SAMPLES, _QUADRANTS | _EIGHTHS)
"""Quadrants, and bars in eighths of a cell, which show edges that run along its sides."""
SEXTANTS = Patterns(_SAMPLES, _SAMPLES, _QUADRANTS | _EIGHTHS | _SEXTANTS)

WHOLE_QUADRANTS = Patterns(2, 2, _QUADRANTS)
"""For dithered pixels: a finer pattern would have to guess between them."""
WHOLE_SEXTANTS = Patterns(2, 3, {"▌": _QUADRANTS["▌"]} | _SEXTANTS)
