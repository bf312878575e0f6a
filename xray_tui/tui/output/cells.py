"""Texts as cells, and cells as ranges that are drawn at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rich.cells import split_graphemes

from xray_tui.tui.output.placements import is_mark

_SHORT_GAP = 4
"""Up to this number of unchanged cells is sent again, which is no longer than to step over them."""


def runs(columns: list[int], characters: list[str], styles: list[str]) -> Iterator[tuple[int, int]]:
    """The columns as ranges. A wide character is in a range as a whole."""
    start = end = -1
    for x in columns:
        if x < end:
            continue
        first = x if characters[x] else x - 1
        if start < 0 or (first > end and not _is_short(range(end, first), characters, styles)):
            if start >= 0:
                yield start, end
            start = first
        end = _end(x, characters)
    if start >= 0:
        yield start, end


def _is_short(gap: range, characters: list[str], styles: list[str]) -> bool:
    """Whether it is no longer to draw the cells of a gap than to step over them."""
    style = styles[gap.start - 1]
    return len(gap) <= _SHORT_GAP and all(
        styles[x] == style and not is_mark(characters[x]) for x in gap
    )


def stretches(
    start: int, end: int, characters: list[str], styles: list[str]
) -> Iterator[tuple[int, int, bool]]:
    """The cells of a range in parts of one style, and whether each has one simple character."""
    all_simple = _are_simple(start, end, characters)
    x = start
    while x < end:
        stop, simple = x + 1, all_simple or _are_simple(x, x + 1, characters)
        if simple:
            style = styles[x]
            while (
                stop < end
                and styles[stop] == style
                and (all_simple or _are_simple(stop, stop + 1, characters))
            ):
                stop += 1
        else:
            while stop < end and not characters[stop]:
                stop += 1
        yield x, stop, simple
        x = stop


def _are_simple(start: int, end: int, characters: list[str]) -> bool:
    """Whether each of these cells has a whole character, which is a single code point."""
    return max(map(len, characters[start:end])) == 1 and "" not in characters[start : end + 1]


def _end(x: int, characters: list[str]) -> int:
    """The end of the character in column ``x``.

    Terminals disagree about the width of several code points, so the next cell is sent as well.
    """
    end = x + 1
    while end < len(characters) and not characters[end]:
        end += 1
    if len(characters[x]) > 1 and end < len(characters) and not is_mark(characters[end]):
        end = _end(end, characters)
    return end


@lru_cache(1 << 13)
def cells_of(text: str) -> list[str]:
    """What each cell of ``text`` contains. Do not change the result."""
    if text.isascii():
        return list(text) if text.isprintable() else [c for c in text if c.isprintable()]
    cells: list[str] = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += [text[start:end], *[""] * (width - 1)]
    return cells


def is_of_picture(character: str) -> bool:
    """Whether it is a mark or a block, of which pictures in characters consist."""
    return character > "\u257f" and (
        character < "\u25a0" or "\U0001fb00" <= character < "\U0001fb3c" or is_mark(character)
    )
