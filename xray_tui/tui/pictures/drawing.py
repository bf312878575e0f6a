"""Pictures made ready for the screen: scaled to a box of cells and turned into what is drawn.

Nothing here touches a widget, so all of it can run off the UI thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from xray_tui.tui.pictures import sixel
from xray_tui.tui.pictures.kitty import Placement
from xray_tui.tui.pictures.terminal import CellSize, PictureMode

_HALF = "▀"
_SEGMENT_BYTES = 42
"""Two colours as escape sequence, a character, and the end of the colours."""

_SHADES = " ░▒▓█"
_WHITE_ON_BLACK = Style(color=Color.from_rgb(255, 255, 255), bgcolor=Color.from_rgb(0, 0, 0))


@dataclass(frozen=True)
class Whole:
    """What is known of a picture, whatever part of it is drawn."""

    size: tuple[int, int]
    """Pixels across and down."""
    histogram: tuple[int, ...]
    """How many pixels have each of the 256 greys."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A picture for a box of ``columns`` × ``rows`` cells."""

    columns: int
    rows: int
    strips: list[Strip]
    """The picture in characters; what is drawn where there are no graphics or they don't fit in."""
    sixel: str = ""
    placement: Placement | None = None
    whole: Whole | None = None

    @property
    def transfer_bytes(self) -> int:
        """About what it takes to send it."""
        if self.sixel:
            return len(self.sixel)
        if self.placement is not None:
            return len(self.placement.transmission) + self.columns * self.rows * 10
        return _SEGMENT_BYTES * sum(len(list(strip)) for strip in self.strips)


def draw(
    picture: Image.Image,
    box: tuple[int, int],
    mode: PictureMode,
    cell: CellSize,
    greys: int = sixel.MAX_GREYS,
) -> Drawing:
    """Scale ``picture`` (mode L) to fit into ``box`` (columns, rows) and make it ready to draw."""
    return draw_in(picture, fit(picture.size, box, cell), mode, cell, greys)


def draw_in(
    picture: Image.Image,
    cells: tuple[int, int],
    mode: PictureMode,
    cell: CellSize,
    greys: int = sixel.MAX_GREYS,
) -> Drawing:
    """Scale ``picture`` to exactly so many columns and rows and make it ready to draw."""
    columns, rows = cells
    if mode is PictureMode.UNICODE:
        return Drawing(columns, rows, shades(scale(picture, columns, rows)))
    strips = half_cells(scale(picture, columns, rows * 2))
    if mode is PictureMode.HALFCELL:
        return Drawing(columns, rows, strips)
    pixels = scale(picture, columns * cell.width, rows * cell.height)
    if mode is PictureMode.SIXEL:
        return Drawing(columns, rows, strips, sixel=sixel.encode(pixels, greys))
    return Drawing(columns, rows, strips, placement=Placement(pixels, columns, rows))


def drawn_pixels(mode: PictureMode, cell: CellSize) -> CellSize:
    """The pixels that are drawn in a cell: with graphics all it has, with characters two."""
    return cell if mode in (PictureMode.SIXEL, PictureMode.KITTY) else CellSize(1, 2)


def fit(size: tuple[int, int], box: tuple[int, int], cell: CellSize) -> tuple[int, int]:
    """The largest columns and rows within ``box`` that keep the proportions of ``size``."""
    width, height = size
    factor = min(box[0] * cell.width / width, box[1] * cell.height / height)
    columns = round(width * factor / cell.width)
    rows = round(height * factor / cell.height)
    return max(1, min(columns, box[0])), max(1, min(rows, box[1]))


def scale(picture: Image.Image, width: int, height: int) -> Image.Image:
    """``picture`` at exactly this size; sides change by less than a cell, so nothing is cropped."""
    if picture.size == (width, height):
        return picture
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def half_cells(picture: Image.Image) -> list[Strip]:
    """One strip for each two rows of pixels: the upper one in ▀, the lower one behind it."""
    width, height = picture.size
    pixels = picture.tobytes()
    strips = []
    for start in range(0, height * width, 2 * width):
        upper = pixels[start : start + width]
        lower = pixels[start + width : start + 2 * width]
        segments = [
            Segment(_HALF * length, _half_style(above, below))
            for above, below, length in _runs(upper, lower)
        ]
        strips.append(Strip(segments, width))
    return strips


def _runs(upper: bytes, lower: bytes) -> list[tuple[int, int, int]]:
    """Neighbouring cells of the same two greys as one: (upper, lower, how many)."""
    runs: list[tuple[int, int, int]] = []
    for pair in zip(upper, lower, strict=True):
        if runs and runs[-1][:2] == pair:
            runs[-1] = (*pair, runs[-1][2] + 1)
        else:
            runs.append((*pair, 1))
    return runs


@lru_cache(maxsize=1 << 14)
def _half_style(above: int, below: int) -> Style:
    return Style(
        color=Color.from_rgb(above, above, above), bgcolor=Color.from_rgb(below, below, below)
    )


def shades(picture: Image.Image) -> list[Strip]:
    """One strip for each row of pixels, in five shades."""
    table = [ord("0") + value * len(_SHADES) // 256 for value in range(256)]
    text = picture.point(table).tobytes().decode("ascii")
    text = text.translate({ord("0") + n: shade for n, shade in enumerate(_SHADES)})
    width = picture.width
    rows = (text[start : start + width] for start in range(0, len(text), width))
    return [Strip([Segment(row, _WHITE_ON_BLACK)], width) for row in rows]
