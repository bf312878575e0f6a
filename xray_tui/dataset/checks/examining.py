"""What calculation sees in a picture: a hash to find near duplicates by, and what looks wrong.

The thresholds were measured on 15,973 radiographs, scaled down to 256 × 256, many of them with
black beside the picture, and on images of the bundled checkpoint.
"""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from xray_tui.dataset.records import Examined

if TYPE_CHECKING:
    from PIL import Image

UNREADABLE = "unreadable"
"""Of a file whose pixels cannot be had; nothing here gives it."""
BLANK = "blank"
LOW_CONTRAST = "low-contrast"
CLIPPED = "clipped"

BLANK_SPREAD = 8
"""Greys between the darkest and the brightest hundredth of the pixels; radiographs have 62 up."""
LOW_SPREAD = 56
"""The same, without a black frame: the flattest radiographs have 62, the generated images 154."""
WHITE_SHARE = 0.02
"""Pixels of the whitest white: more have 2 of the radiographs, overexposed, and no generated one.
"""
BLACK_SHARE = 0.7
"""Pixels of the blackest black, without a black frame: a limb alone in the air has up to 0.57."""

_FRAME = 8
"""Greys up to this one are a black frame: JPEG leaves its edge a little rough."""
_IN_FRAME = [255 * (grey > _FRAME) for grey in range(256)]
_COARSE = 3
_BITS = 8


def examine(image: Image.Image) -> Examined:
    """Hash and checks of ``image`` (mode L)."""
    return Examined(_phash(image), _checks(image))


def _phash(image: Image.Image) -> str:
    """Signs of the middle frequencies, 16 hexadecimal digits.

    The usual hash takes the lowest ones, in which all chests are alike: 266 of 9,334 radiographs
    are then within 5 bits of another patient's, and 35 so.
    """
    import imagehash  # and scipy with it
    import numpy as np

    signs = imagehash.phash(image, hash_size=2 * _BITS).hash
    middle = slice(_COARSE, _COARSE + _BITS)
    return np.packbits(signs[middle, middle]).tobytes().hex()


def _checks(image: Image.Image) -> tuple[str, ...]:
    """What looks wrong; black beside the picture is not held against it."""
    if _spread(image.histogram()) < BLANK_SPREAD:
        return (BLANK,)
    histogram = image.crop(image.point(_IN_FRAME).getbbox()).histogram()
    pixels = sum(histogram)
    found = []
    if _spread(histogram) < LOW_SPREAD:
        found.append(LOW_CONTRAST)
    if histogram[255] > WHITE_SHARE * pixels or histogram[0] > BLACK_SHARE * pixels:
        found.append(CLIPPED)
    return tuple(found)


def _spread(histogram: list[int]) -> int:
    """Greys between the darkest and the brightest hundredth of the pixels."""
    sums = list(accumulate(histogram))
    low, high = sums[-1] * 0.01, sums[-1] * 0.99
    return sum(low <= below < high for below in sums)
