"""Shades: five greys, drawn with block characters, for terminals without colours."""

from __future__ import annotations

from PIL import Image
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.characters import Characters
from xray_tui.tui.pictures.scaling import scale

_SHADES = " ░▒▓█"
_WHITE_ON_BLACK = Style(color=Color.from_rgb(255, 255, 255), bgcolor=Color.from_rgb(0, 0, 0))


class Shades(Characters):
    """Draws each pixel as one of five block characters, white on black."""

    name = "unicode"
    title = "shades"

    def scaled(self, picture: Image.Image, columns: int, rows: int) -> Image.Image:
        """``picture`` with one pixel for each cell."""
        return scale(picture, columns, rows)

    def strips(self, pixels: Image.Image) -> list[Strip]:
        """One strip for each row of pixels."""
        table = [ord("0") + value * len(_SHADES) // 256 for value in range(256)]
        text = pixels.point(table).tobytes().decode("ascii")
        text = text.translate({ord("0") + n: shade for n, shade in enumerate(_SHADES)})
        width = pixels.width
        rows = (text[start : start + width] for start in range(0, len(text), width))
        return [Strip([Segment(row, _WHITE_ON_BLACK)], width) for row in rows]

    def background(self, theme_grey: int) -> int:
        """Black, because these characters are always drawn on black."""
        return 0
