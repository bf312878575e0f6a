"""How a picture is viewed: zoom, visible part, window and level, inverted greys.

Nothing here touches a widget, so all of it can run off the UI thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image

from xray_tui.tui.pictures.terminal_query import CellSize

FIT = 0
"""The zoom that shows the whole picture, as large as fits."""

ZOOMS = (1, 2, 4)
"""Screen pixels for each pixel of the picture, along one side."""

FULL_WINDOW = 256
NARROWEST_WINDOW = 16
WINDOW_STEP = 16
MIDDLE_LEVEL = 128
LEVEL_STEP = 8


@dataclass(frozen=True)
class View:
    """A way to view pictures of any size. By default it shows the whole picture, unchanged."""

    zoom: int = FIT
    centre: tuple[float, float] = (0.5, 0.5)
    """The centre of the visible part, as shares of the picture's width and height."""
    window: int = FULL_WINDOW
    """The number of greys between black and white: the fewer, the more contrast."""
    level: int = MIDDLE_LEVEL
    """The grey in the middle of the window."""
    inverted: bool = False

    @property
    def changes_greys(self) -> bool:
        """Whether greys are changed when they are drawn."""
        return self.inverted or (self.window, self.level) != (FULL_WINDOW, MIDDLE_LEVEL)

    @property
    def edges(self) -> tuple[int, int]:
        """The darkest and the brightest grey of the window, within 0…255."""
        low = self.level - self.window // 2
        return max(0, low), min(255, low + self.window - 1)


@dataclass(frozen=True)
class Frame:
    """The size of a picture, and of the box it is drawn in."""

    size: tuple[int, int]
    """Width and height of the picture, in its own pixels."""
    box: tuple[int, int]
    """Width and height of the box, in screen pixels."""

    def scale(self, zoom: int) -> float:
        """Screen pixels for each pixel of the picture."""
        if zoom != FIT:
            return zoom
        return min(room / side for room, side in zip(self.box, self.size, strict=True))

    def visible(self, zoom: int) -> tuple[float, float]:
        """The shares of the picture's width and height that are visible at once."""
        if zoom == FIT:
            return 1.0, 1.0
        across, down = (
            min(1.0, room / zoom / side) for room, side in zip(self.box, self.size, strict=True)
        )
        return across, down

    def middle(self, view: View) -> tuple[float, float]:
        """The centre of the visible part, moved away from the edges so that no gap shows."""
        across, down = (
            min(max(place, share / 2), 1 - share / 2)
            for place, share in zip(view.centre, self.visible(view.zoom), strict=True)
        )
        return across, down

    def part(self, view: View) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the visible part, in the picture's pixels."""
        starts, ends = [], []
        for side, room, middle in zip(self.size, self.box, view.centre, strict=True):
            length = min(side, math.ceil(room / self.scale(view.zoom)))
            start = min(max(0, round(middle * side - length / 2)), side - length)
            starts.append(start)
            ends.append(start + length)
        return starts[0], starts[1], ends[0], ends[1]


@dataclass(frozen=True)
class Place:
    """A place within a drawing, as seen from the middle of it: to the right, and down."""

    shares: tuple[float, float]
    """In shares of the drawing's width and height: ±0.5 at its edges."""
    pixels: tuple[float, float]
    """In drawn pixels."""


def zoom_in(view: View, frame: Frame) -> View:
    """The next larger zoom; how large ``FIT`` is depends on the picture's size."""
    now = frame.scale(view.zoom) * 1.01  # a difference of 1 % cannot be seen
    larger = [zoom for zoom in (FIT, *ZOOMS) if frame.scale(zoom) > now]
    return replace(view, zoom=min(larger, key=frame.scale)) if larger else view


def zoom_out(view: View, frame: Frame) -> View:
    """The next smaller zoom."""
    now = frame.scale(view.zoom) / 1.01
    smaller = [zoom for zoom in (FIT, *ZOOMS) if frame.scale(zoom) < now]
    return replace(view, zoom=max(smaller, key=frame.scale)) if smaller else view


def zoom_around(view: View, step: int, place: Place, frame: Frame) -> View:
    """The next larger (1) or smaller (-1) zoom, with the same point of the picture at ``place``."""
    zoomed = (zoom_in if step > 0 else zoom_out)(view, frame)
    if zoomed.zoom in (FIT, view.zoom):
        return zoomed
    across, down = (
        middle + share * visible - pixels / (zoomed.zoom * side)
        for middle, share, visible, pixels, side in zip(
            frame.middle(view),
            place.shares,
            frame.visible(view.zoom),
            place.pixels,
            frame.size,
            strict=True,
        )
    )
    return replace(zoomed, centre=frame.middle(replace(zoomed, centre=(across, down))))


def zoom_to_fit(view: View) -> View:
    """Show the whole picture; the centre is kept for the next zoom."""
    return replace(view, zoom=FIT)


def pan(view: View, across: float, down: float, frame: Frame) -> View:
    """Move by shares of the visible part, but not beyond the picture's edges."""
    shares = frame.visible(view.zoom)
    return _moved(view, across * shares[0], down * shares[1], frame)


def drag(view: View, across: float, down: float, frame: Frame) -> View:
    """Move the picture by drawn pixels, but not beyond its edges."""
    width, height = (side * frame.scale(view.zoom) for side in frame.size)
    return _moved(view, -across / width, -down / height, frame)


def _moved(view: View, across: float, down: float, frame: Frame) -> View:
    """The view with its centre moved by shares of the picture."""
    middle = frame.middle(view)  # the centre that is really shown
    there = (middle[0] + across, middle[1] + down)
    return replace(view, centre=frame.middle(replace(view, centre=there)))


def change_window(view: View, steps: int) -> View:
    """Widen the window by ``steps``, or narrow it if they are negative."""
    window = view.window + steps * WINDOW_STEP
    return replace(view, window=min(max(window, NARROWEST_WINDOW), FULL_WINDOW))


def change_level(view: View, steps: int) -> View:
    """Raise the level by ``steps``, or lower it if they are negative."""
    return replace(view, level=min(max(view.level + steps * LEVEL_STEP, 0), 256))


def invert(view: View) -> View:
    """Swap black and white, or swap them back."""
    return replace(view, inverted=not view.inverted)


def zoom_text(view: View) -> str:
    """``fit`` or ``2:1``."""
    return "fit" if view.zoom == FIT else f"{view.zoom}:1"


def greys_text(view: View) -> str:
    """``window 180 level 110 · inverted``."""
    inverted = " · inverted" if view.inverted else ""
    return f"window {view.window} level {view.level}{inverted}"


def apply(image: Image.Image, view: View, box: tuple[int, int], cell: CellSize) -> Image.Image:
    """The visible part of ``image`` (mode L) in a ``box`` of columns and rows, in the view's greys.

    With ``FIT`` this is the whole image in its own size. Otherwise it has the pixels that are
    drawn: whole cells of ``cell`` pixels each, at most the box, with black around the image.
    """
    if view.zoom == FIT:
        return _with_greys(image, view)
    room = (box[0] * cell.width, box[1] * cell.height)
    part = _with_greys(image.crop(Frame(image.size, room).part(view)), view)
    large = part.resize(
        (part.width * view.zoom, part.height * view.zoom), Image.Resampling.NEAREST
    )  # not smoothed, which would hide noise and grids
    width = min(room[0], -(-large.width // cell.width) * cell.width)
    height = min(room[1], -(-large.height // cell.height) * cell.height)
    drawn = Image.new("L", (width, height))
    drawn.paste(large, (max(0, width - large.width) // 2, max(0, height - large.height) // 2))
    return drawn


def _with_greys(image: Image.Image, view: View) -> Image.Image:
    if not view.changes_greys:
        return image
    return image.point(_table(view.window, view.level, view.inverted))


@lru_cache(maxsize=64)
def _table(window: int, level: int, inverted: bool) -> list[int]:
    """The grey shown for each grey, by the linear function of DICOM (PS3.3, C.11.2.1.2)."""
    shares = (((grey - (level - 0.5)) / (window - 1) + 0.5) for grey in range(256))
    shown = [round(255 * min(max(share, 0.0), 1.0)) for share in shares]
    return [255 - grey for grey in shown] if inverted else shown
