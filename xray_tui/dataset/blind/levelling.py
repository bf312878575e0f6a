"""Pictures made alike in size, proportions and greys, so that no such thing tells where they come
from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PIL import Image, ImageOps

SHORTEST = 128
LONGEST = 1024
"""Bounds of the common size, in pixels."""

_CUT_PERCENT = 0.5
"""Pixels at either end of the greys that become black and white."""

Size = tuple[int, int]


def common_size(synthetic: Sequence[Size], real: Sequence[Size]) -> Size:
    """The size all pictures are brought to: the proportions of most synthetic ones, and so small
    that no picture is enlarged, as blur would tell; except that it has ``SHORTEST`` pixels.
    """
    (width, height), _ = Counter(synthetic).most_common(1)[0]
    factor = min(min(w / width, h / height) for w, h in (*synthetic, *real))
    factor = max(factor, SHORTEST / min(width, height))
    factor = min(factor, LONGEST / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def level(picture: Image.Image, size: Size) -> Image.Image:
    """``picture`` (mode L) cut to the proportions of ``size`` around its middle, brought to that
    size, and its greys stretched from black to white.
    """
    fitted = ImageOps.fit(picture, size, Image.Resampling.LANCZOS)
    return ImageOps.autocontrast(fitted, cutoff=_CUT_PERCENT)
