"""Pictures drawn by the terminal's own graphics, as cells of the screen.

A widget draws such a picture as rows of a mark: one private character that stands for the picture
at its place. Marks are characters like others, so Textual crops and covers them as it does text.
:mod:`xray_tui.tui.output.frame` turns the marks that remain visible into the picture.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import count, groupby
from typing import Protocol
from weakref import WeakValueDictionary

from textual.geometry import Offset, Region

_FIRST, _NUMBER = 0x100000, 0xE000
"""The last plane of private characters, which no font or text uses."""

COARSE = "~"
"""Follows the mark in cells that show a coarse picture."""


class Picture(Protocol):
    """A picture as the terminal can draw it."""

    @property
    def columns(self) -> int:
        """Its width in cells."""

    @property
    def rows(self) -> int:
        """Its height in cells."""

    @property
    def key(self) -> Hashable:
        """Equal for pictures with the same pixels in the same size."""

    @property
    def part_bytes(self) -> int:
        """How many bytes it takes to draw all of it, without the transmission."""

    @property
    def comes_back(self) -> bool:
        """Whether it comes back over texts drawn over it, unless it is erased before."""

    @property
    def transmission(self) -> Sequence[str]:
        """Commands the terminal needs before it can draw a part; others may come in between."""

    @property
    def abortion(self) -> str:
        """The command that ends an incomplete transmission."""

    @property
    def removal(self) -> str:
        """The sequence that makes the terminal forget the transmission; may be empty."""

    def draft(self, corner: Offset) -> str:
        """The sequence that draws a coarse picture with few bytes; may be empty."""

    def part(self, area: Region, corner: Offset) -> str:
        """The sequence that draws the cells ``area`` of the picture, which lies at ``corner``."""


class Placement:
    """A picture at a place of the screen, and the mark that stands for each of its cells."""

    def __init__(self, picture: Picture, corner: Offset, mark: str) -> None:
        self.picture = picture
        self.region = Region(corner.x, corner.y, picture.columns, picture.rows)
        self.mark = mark


_numbers = count()
_by_mark: WeakValueDictionary[str, Placement] = WeakValueDictionary()
_by_place: WeakValueDictionary[tuple[Hashable, Offset], Placement] = WeakValueDictionary()


def place(picture: Picture, corner: Offset) -> Placement:
    """The placement of ``picture`` at ``corner``, known until nothing refers to it any more."""
    known = _by_place.get((picture.key, corner))
    if known is None:
        marks = (chr(_FIRST + number % _NUMBER) for number in _numbers)
        known = Placement(picture, corner, next(mark for mark in marks if mark not in _by_mark))
        _by_place[picture.key, corner] = _by_mark[known.mark] = known
    return known


def is_mark(character: str) -> bool:
    """Whether ``character`` is, or was, the mark of a placement."""
    return character >= chr(_FIRST)


def placed(mark: str) -> Placement | None:
    """The placement that ``mark`` stands for; None if it is gone."""
    return _by_mark.get(mark)


def areas(cells: Iterable[tuple[int, int]]) -> list[Region]:
    """Rectangles that cover exactly these cells, given row by row as columns and rows."""
    found: list[Region] = []
    open_above: dict[tuple[int, int], int] = {}
    for y, row in groupby(cells, key=lambda cell: cell[1]):
        spans: list[list[int]] = []
        for x, _ in row:
            if spans and spans[-1][1] == x:
                spans[-1][1] = x + 1
            else:
                spans.append([x, x + 1])
        continued: dict[tuple[int, int], int] = {}
        for start, end in spans:
            number = open_above.get((start, end))
            if number is not None and found[number].bottom == y:
                found[number] = found[number].grow((0, 0, 1, 0))
            else:
                number = len(found)
                found.append(Region(start, y, end - start, 1))
            continued[start, end] = number
        open_above = continued
    return found
