"""Draws the themes on terminals with 16 colours, such as xterm with ``TERM=xterm``.

There the nearest of 16 colours made the selected row light grey on white. Here each colour of a
theme is replaced by one that can be read on the page, and highlighted rows are shown in reverse
video.
"""

from __future__ import annotations

from colorsys import rgb_to_hsv
from functools import lru_cache

from rich.color import Color as AnsiColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

_BLACK, _WHITE, _GREY, _PAPER = 0, 7, 8, 15
_ON_BLACK = {0: 9, 60: 11, 120: 10, 180: 14, 240: 14, 300: 13}
"""By hue in degrees: bright colours, all with a contrast of 4.5:1 or more to black."""
_ON_WHITE = {0: 1, 60: _BLACK, 120: _BLACK, 180: 4, 240: 4, 300: _BLACK}
"""Yellow, green and magenta cannot be read on white."""
_GREYISH = 0.15
"""Colours with less chroma count as grey."""
ENOUGH = 4.5
"""The contrast that WCAG asks of text; text with less lies below a dialog."""
_MARKED, _HIGHLIGHTED = 1.22, 2.5
"""From this contrast to the page on, a background marks a row, or highlights it."""
_UNDERLINED, _NOT_DIM = Style(underline=True), Style(dim=False)


class SixteenColours(LineFilter):
    """Replaces the colours of ``theme`` by those of a terminal with 16 colours."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        assert theme.background is not None and theme.foreground is not None
        self._page, self._ink = Color.parse(theme.background), Color.parse(theme.foreground)
        self._dark = theme.dark
        self._style = lru_cache(4096)(self._replaced)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in the terminal's colours; pictures have them already."""
        return [
            segment
            if segment.control or segment.style is None or _is_picture(segment)
            else Segment(segment.text, self._style(segment.style))
            for segment in segments
        ]

    def _replaced(self, style: Style) -> Style:
        text = self._ink if style.color is None else Color.from_rich_color(style.color)
        back = self._page if style.bgcolor is None else Color.from_rich_color(style.bgcolor)
        if style.reverse:
            text, back = back, text
        apart = contrast(back, self._page)
        if apart >= _HIGHLIGHTED:
            return self._drawn(style, self._number(back), highlighted=True)
        shown = _GREY if contrast(text, back) < ENOUGH else self._number(text)
        drawn = self._drawn(style, shown, highlighted=False)
        return drawn + _UNDERLINED if apart >= _MARKED else drawn

    def _drawn(self, style: Style, number: int, *, highlighted: bool) -> Style:
        """``style`` in colour ``number`` on the page, or highlighted by it.

        Terminals show bold text in a brighter colour, and bold black in grey. So black is always
        the background here, and is reversed where it is to be seen as text.
        """
        if self._dark:
            colours = Style(color=_ansi(number), bgcolor=_ansi(_BLACK), reverse=highlighted)
        else:
            colours = Style(color=_ansi(_PAPER), bgcolor=_ansi(number), reverse=not highlighted)
        return style + colours + _NOT_DIM

    def _number(self, color: Color) -> int:
        hue, saturation, value = rgb_to_hsv(*color.normalized)
        if saturation * value < _GREYISH:
            return _WHITE if self._dark else _BLACK
        return (_ON_BLACK if self._dark else _ON_WHITE)[round(hue * 6) % 6 * 60]


def _is_picture(segment: Segment) -> bool:
    colour = segment.style.color if segment.style is not None else None
    return not segment.text or (colour is not None and colour.type is ColorType.STANDARD)


def _ansi(number: int) -> AnsiColor:
    return AnsiColor.from_ansi(number)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours by the formula of WCAG 2, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
