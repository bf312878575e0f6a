"""Makes limb radiographs learnable: cropped to the limb, black background, even exposure.

The source films are padded to a square, often one third limb and two thirds grey film, with white
bars where the plate ends. Uncropped, a small model would spend its capacity on these frames.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

Grey = npt.NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""Top, bottom, left, right; bottom and right are exclusive."""

SIDE = 256
AT_THE_END = frozenset({"hand-wrist", "foot", "ankle"})
"""Regions at the end of a limb that enters the film from one side."""
IN_THE_MIDDLE = frozenset({"knee", "elbow", "lower-leg"})
LONG = 1.35
"""A limb longer than this many times its width is only partly shown."""
GAMMA = 0.8
"""Below 1: lightens thin parts, such as fingers next to a bright wrist."""
_PADDING = 10
_OVER_BACKGROUND = 16
_BAR = 0.12
"""Largest share of the film's side that a bar at its edge can take up."""


def crop_to_limb(pixels: Grey, region: str) -> Grey:
    """The limb in a 256×256 padded film, as 256×256 greys on black."""
    film = _without_bars(pixels, _film(pixels))
    part = pixels[film[0] : film[1], film[2] : film[3]]
    background = _background(part)
    limb = _largest(part > background + _OVER_BACKGROUND)
    if limb is None:
        return pixels
    box = _window(limb, part.shape, region)
    return _evened(_square(part, box, background), background)


def _film(pixels: Grey) -> Box:
    """The film without the black padding around it."""
    rows = np.flatnonzero(np.percentile(pixels, 80, axis=1) > _PADDING)
    columns = np.flatnonzero(np.percentile(pixels, 80, axis=0) > _PADDING)
    if len(rows) < SIDE // 4 or len(columns) < SIDE // 4:
        return 0, SIDE, 0, SIDE
    return rows[0] + 2, rows[-1] - 1, columns[0] + 2, columns[-1] - 1


def _without_bars(pixels: Grey, film: Box) -> Box:
    """``film`` without bright bars along its edges."""
    top, bottom, left, right = film
    part = pixels[top:bottom, left:right]
    rows, columns = _lit_from_edge(part), _lit_from_edge(part.T)
    return top + rows[0], bottom - rows[1], left + columns[0], right - columns[1]


def _lit_from_edge(part: Grey) -> tuple[int, int]:
    """Number of rows at the start and at the end that belong to a bar across the film."""
    reach = int(len(part) * _BAR)
    lit = np.percentile(part, 25, axis=1) > max(90, 1.6 * float(np.median(part)))
    start, end = np.flatnonzero(lit[:reach]), np.flatnonzero(lit[::-1][:reach])
    return (int(start[-1]) + 3 if len(start) else 0), (int(end[-1]) + 3 if len(end) else 0)


def _background(part: Grey) -> int:
    """The grey of the empty film: the most common dark grey, 0 if the limb fills the film."""
    counts = ndimage.uniform_filter1d(np.bincount(part.ravel(), minlength=256).astype(float), 9)
    level = int(counts[:110].argmax())
    return level if 9 * counts[level] > 0.15 * part.size else 0


def _largest(mask: npt.NDArray[np.bool_]) -> Box | None:
    """The box of the largest connected area of ``mask``; None if it is under 2 % of the film."""
    areas, count = ndimage.label(ndimage.binary_opening(mask, iterations=2))
    if count == 0:
        return None
    sizes = np.bincount(areas.ravel())[1:]
    if sizes.max() < 0.02 * mask.size:
        return None
    rows, columns = ndimage.find_objects(areas)[int(sizes.argmax())]
    return rows.start, rows.stop, columns.start, columns.stop


def _window(limb: Box, shape: tuple[int, ...], region: str) -> Box:
    """The square part to show; it may extend beyond the film."""
    top, bottom, left, right = limb
    high, wide = bottom - top, right - left
    long, short = max(high, wide), min(high, wide)
    middle_y, middle_x = (top + bottom) / 2, (left + right) / 2
    side = 1.06 * long
    if region in AT_THE_END | IN_THE_MIDDLE and long > LONG * short:
        side = max(1.25 * short, 0.66 * long)
        if region in AT_THE_END:
            if high > wide:
                middle_y = _far_end(top, bottom, shape[0], side)
            else:
                middle_x = _far_end(left, right, shape[1], side)
    half = side / 2
    return (
        round(middle_y - half),
        round(middle_y + half),
        round(middle_x - half),
        round(middle_x + half),
    )


def _far_end(start: int, stop: int, length: int, side: float) -> float:
    """The middle of a window at the end of the limb inside the film."""
    if start > length - stop:  # the limb enters from the far edge
        return start + 0.47 * side
    return stop - 0.47 * side


def _square(part: Grey, box: Box, background: int) -> npt.NDArray[np.float32]:
    top, bottom, left, right = box
    padded = np.pad(part, SIDE, constant_values=background)
    cut = padded[top + SIDE : bottom + SIDE, left + SIDE : right + SIDE]
    scaled = Image.fromarray(cut).resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(scaled, dtype=np.float32)


def _evened(limb: npt.NDArray[np.float32], background: int) -> Grey:
    low = background + 3.0 if background else float(np.percentile(limb, 1))
    high = max(float(np.percentile(limb, 99.6)), low + 30)
    shares = np.clip((limb - low) / (high - low), 0, 1) ** GAMMA
    evened: Grey = np.round(shares * 255).astype(np.uint8)
    return evened
