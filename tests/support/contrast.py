"""Measures the contrast of everything that a screen paints, by the formula of WCAG 2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.color import Color
from textual.strip import Strip

ENOUGH = 4.5
"""What WCAG asks of text; lines and marks count as text here, as terminals draw them as text."""
_PICTURES = "▀▁▂▃▄▅▆▇"
"""Pictures, and the ends of scroll bars."""


def luminance(color: Color) -> float:
    """The relative luminance of WCAG 2."""
    parts = (part / 255 for part in color.rgb)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def faint(strips: Iterable[Strip]) -> Iterator[str]:
    """Every text in ``strips`` that has too little contrast, with its contrast and colours."""
    for strip in strips:
        for segment in strip:
            text = "".join(char for char in segment.text if char not in _PICTURES).strip()
            style = segment.style
            if segment.control or not text or style is None:
                continue
            assert style.color is not None and style.bgcolor is not None, segment
            fore, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
            if style.reverse:
                fore, back = back, fore
            if style.dim:
                fore = fore.blend(back, 0.5)
            if contrast(fore, back) < ENOUGH:
                yield f"{contrast(fore, back):.1f} {fore.hex} on {back.hex}: {text}"
