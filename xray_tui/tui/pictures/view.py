"""How a picture is looked at: zoom, the part that is seen, window and level, black for white.

Nothing here touches a widget, so all of it can run off the UI thread.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from PIL import Image

from xray_tui.tui.pictures.terminal_query import CellSize

FIT = 0
"""The zoom that shows all of a picture, as large as there is room for."""

ZOOMS = (1, 2, 4)
"""Screen pixels for each pixel of the picture, along one side."""

FULL_WINDOW = 256
NARROWEST_WINDOW = 16
WINDOW_STEP = 16
MIDDLE_LEVEL = 128
LEVEL_STEP = 8


@dataclass(frozen=True)
class View:
    """A way to look at pictures of any size; as it is made it shows all of a picture as it is."""

    zoom: int = FIT
    centre: tuple[float, float] = (0.5, 0.5)
    """The place in the middle of what is seen, as shares of the picture's width and height."""
    window: int = FULL_WINDOW
    """Greys between black and white: the narrower, the more contrast."""
    level: int = MIDDLE_LEVEL
    """The grey in the middle of the window."""
    inverted: bool = False

    @property
    def changes_greys(self) -> bool:
        """Whether greys look different from what they are."""
        return self.inverted or (self.window, self.level) != (FULL_WINDOW, MIDDLE_LEVEL)

    @property
    def edges(self) -> tuple[int, int]:
        """The darkest and the brightest grey of the window, as far as there are such greys."""
        low = self.level - self.window // 2
        return max(0, low), min(255, low + self.window - 1)


@dataclass(frozen=True)
class Frame:
    """The room a picture has: its ``size`` and that of the ``box``, both in pixels."""

    size: tuple[int, int]
    box: tuple[int, int]

    def scale(self, zoom: int) -> float:
        """Screen pixels for each pixel of the picture."""
        if zoom != FIT:
            return zoom
        return min(room / side for room, side in zip(self.box, self.size, strict=True))

    def visible(self, zoom: int) -> tuple[float, float]:
        """The shares of the picture's width and height that are seen at once."""
        if zoom == FIT:
            return 1.0, 1.0
        across, down = (
            min(1.0, room / zoom / side) for room, side in zip(self.box, self.size, strict=True)
        )
        return across, down

    def middle(self, view: View) -> tuple[float, float]:
        """The place in the middle of what is seen: not so near an edge that there is void."""
        across, down = (
            min(max(place, share / 2), 1 - share / 2)
            for place, share in zip(view.centre, self.visible(view.zoom), strict=True)
        )
        return across, down

    def part(self, view: View) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what is seen, in the picture's pixels."""
        starts, ends = [], []
        for side, room, middle in zip(self.size, self.box, view.centre, strict=True):
            length = min(side, math.ceil(room / self.scale(view.zoom)))
            start = min(max(0, round(middle * side - length / 2)), side - length)
            starts.append(start)
            ends.append(start + length)
        return starts[0], starts[1], ends[0], ends[1]


def zoom_in(view: View, frame: Frame) -> View:
    """The next larger zoom; all of the picture is one of them, wherever its size puts it."""
    now = frame.scale(view.zoom) * 1.01  # what only differs by this looks the same
    larger = [zoom for zoom in (FIT, *ZOOMS) if frame.scale(zoom) > now]
    return replace(view, zoom=min(larger, key=frame.scale)) if larger else view


def zoom_out(view: View, frame: Frame) -> View:
    """The next smaller zoom."""
    now = frame.scale(view.zoom) / 1.01
    smaller = [zoom for zoom in (FIT, *ZOOMS) if frame.scale(zoom) < now]
    return replace(view, zoom=max(smaller, key=frame.scale)) if smaller else view


def zoom_to_fit(view: View) -> View:
    """All of the picture; the place that was seen is kept for the next zoom."""
    return replace(view, zoom=FIT)


def pan(view: View, across: float, down: float, frame: Frame) -> View:
    """Move by shares of what is seen, not beyond the picture's edges."""
    shares = frame.visible(view.zoom)
    middle = frame.middle(view)  # from where it is seen to be
    there = (middle[0] + across * shares[0], middle[1] + down * shares[1])
    return replace(view, centre=frame.middle(replace(view, centre=there)))


def change_window(view: View, steps: int) -> View:
    """Wider, or narrower with negative ``steps``."""
    window = view.window + steps * WINDOW_STEP
    return replace(view, window=min(max(window, NARROWEST_WINDOW), FULL_WINDOW))


def change_level(view: View, steps: int) -> View:
    """Up, or down with negative ``steps``."""
    return replace(view, level=min(max(view.level + steps * LEVEL_STEP, 0), 256))


def invert(view: View) -> View:
    """Black for white, or back."""
    return replace(view, inverted=not view.inverted)


def zoom_text(view: View) -> str:
    """``fit`` or ``2:1``."""
    return "fit" if view.zoom == FIT else f"{view.zoom}:1"


def greys_text(view: View) -> str:
    """``window 180 level 110 · inverted``."""
    inverted = " · inverted" if view.inverted else ""
    return f"window {view.window} level {view.level}{inverted}"


def apply(image: Image.Image, view: View, box: tuple[int, int], cell: CellSize) -> Image.Image:
    """What is seen of ``image`` (mode L) in a ``box`` of columns and rows, in the view's greys.

    Where all of it is seen that is the whole image, in its own size. Else it is as many pixels as
    are drawn: whole cells of ``cell`` pixels each, at most the box, with black beside the image.
    """
    if view.zoom == FIT:
        return _with_greys(image, view)
    room = (box[0] * cell.width, box[1] * cell.height)
    part = _with_greys(image.crop(Frame(image.size, room).part(view)), view)
    large = part.resize(
        (part.width * view.zoom, part.height * view.zoom), Image.Resampling.NEAREST
    )  # as it is: a smooth picture hides noise and grids
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
    """The linear function of DICOM (PS3.3, C.11.2.1.2): what is shown for each grey."""
    shares = (((grey - (level - 0.5)) / (window - 1) + 0.5) for grey in range(256))
    shown = [round(255 * min(max(share, 0.0), 1.0)) for share in shares]
    return [255 - grey for grey in shown] if inverted else shown
