"""Measures the contrast of everything that a screen paints, on several kinds of terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter, Monochrome
from textual.strip import Strip
from textual.theme import Theme

from xray_tui.tui.sixteen_colours import ENOUGH, SixteenColours, contrast

Seen = Callable[[Style], tuple[Color, Color]]
"""The colours of text and background, as a terminal shows a style."""

_PICTURES = "▀▁▂▃▄▅▆▇▉▊▋▌▍▎▏▘▝▖▗▚"
"""Pictures, and the ends of scroll bars."""
_XTERM = [
    "#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5",
    "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff",
]  # fmt: skip
_CONSOLE = [
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
]  # fmt: skip
_BRIGHT = 8


def in_all_colours(style: Style) -> tuple[Color, Color]:
    """What a terminal with 24 bits for each colour shows."""
    assert style.color is not None and style.bgcolor is not None
    return _turned(style, Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))


def in_256_colours(style: Style) -> tuple[Color, Color]:
    """What a terminal with 256 colours shows."""
    assert style.color is not None and style.bgcolor is not None
    near = (color.downgrade(ColorSystem.EIGHT_BIT) for color in (style.color, style.bgcolor))
    return _turned(style, *map(Color.from_rich_color, near))


def in_16_colours(palette: list[str]) -> Seen:
    """What a terminal with these 16 colours shows, if it shows bold text in a brighter colour."""

    def seen(style: Style) -> tuple[Color, Color]:
        text, back = _number(style.color), _number(style.bgcolor)
        if style.bold and text < _BRIGHT:
            text += _BRIGHT
        return _turned(style, Color.parse(palette[text]), Color.parse(palette[back]))

    return seen


def _number(color: RichColor | None) -> int:
    assert color is not None and color.number is not None, color
    return color.number


def _turned(style: Style, text: Color, back: Color) -> tuple[Color, Color]:
    if style.reverse:
        text, back = back, text
    return (text.blend(back, 0.5) if style.dim else text), back


def faint(strips: Iterable[Strip], seen: Seen = in_all_colours) -> Iterator[str]:
    """Every text in ``strips`` that has too little contrast, with its contrast and colours."""
    for strip in strips:
        for segment in strip:
            text = "".join(char for char in segment.text if char not in _PICTURES).strip()
            if segment.control or not text or segment.style is None:
                continue
            fore, back = seen(segment.style)
            if contrast(fore, back) < ENOUGH:
                yield f"{contrast(fore, back):.1f} {fore.hex} on {back.hex}: {text}"


def faint_anywhere(strips: list[Strip], theme: Theme) -> Iterator[str]:
    """Like :func:`faint`, on terminals with all colours, 256, 16, or none (``NO_COLOR``)."""
    grey, sixteen = Monochrome(), SixteenColours(theme)
    yield from faint(strips)
    for name, filters, seen in (
        ("256", (), in_256_colours),
        ("xterm, 16", (sixteen,), in_16_colours(_XTERM)),
        ("console, 16", (sixteen,), in_16_colours(_CONSOLE)),
        ("NO_COLOR", (grey,), in_all_colours),
        ("NO_COLOR, 16", (grey, sixteen), in_16_colours(_XTERM)),
    ):
        for text in faint(_filtered(strips, filters), seen):
            yield f"{name}: {text}"


def _filtered(strips: list[Strip], filters: tuple[LineFilter, ...]) -> Iterator[Strip]:
    black = Color(0, 0, 0)
    for strip in strips:
        yield reduce(lambda drawn, one: drawn.apply_filter(one, black), filters, strip)
