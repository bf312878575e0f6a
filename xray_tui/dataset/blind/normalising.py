"""Normalises size, proportions and contrast, so that these do not reveal where an image is from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PIL import Image, ImageOps

SHORTEST = 128
LONGEST = 1024
"""Bounds of the common size, in pixels."""

_CUT_PERCENT = 0.5
"""Percentage of pixels, the darkest and the brightest, that become black and white."""

Size = tuple[int, int]


def common_size(synthetic: Sequence[Size], real: Sequence[Size]) -> Size:
    """The size at which all images are shown, in pixels.

    It has the proportions of most synthetic images. No image is enlarged, as blur would be a clue,
    unless the shorter side would have fewer than ``SHORTEST`` pixels.
    """
    (width, height), _ = Counter(synthetic).most_common(1)[0]
    factor = min(min(w / width, h / height) for w, h in (*synthetic, *real))
    factor = max(factor, SHORTEST / min(width, height))
    factor = min(factor, LONGEST / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def normalise(image: Image.Image, size: Size) -> Image.Image:
    """``image`` (mode L) cropped around its centre, scaled to ``size``, with full contrast."""
    fitted = ImageOps.fit(image, size, Image.Resampling.LANCZOS)
    return ImageOps.autocontrast(fitted, cutoff=_CUT_PERCENT)
