"""The pictures that a terminal keeps in its memory, so that they need not be sent again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Hashable
from typing import NamedTuple

from xray_tui.tui.output.pen import Pen
from xray_tui.tui.output.placements import Picture

MOST_CELLS = 20_000
"""Cells of all pictures kept, or more if these are on the screen. A cell has about a kilobyte."""


class _Stored(NamedTuple):
    removal: str
    cells: int


class StoredPictures:
    """Which pictures the terminal has, wherever they are drawn."""

    def __init__(self) -> None:
        self._stored: OrderedDict[Hashable, _Stored] = OrderedDict()
        self._under_way: tuple[Picture, int] | None = None
        """The picture that is being transmitted, and the number of its commands that were sent."""

    def clear(self) -> None:
        """The terminal has none of them by now."""
        self._stored.clear()
        self._under_way = None

    @property
    def removal(self) -> str:
        """The sequence that makes the terminal forget all of them."""
        return "".join(stored.removal for stored in self._stored.values())

    def add(self, pen: Pen, picture: Picture, room: int) -> bool:
        """Transmit a picture, unless that was done; False if there is no room for all of it."""
        if picture.key not in self._stored:
            if self._under_way is None or self._under_way[0].key != picture.key:
                if self._under_way is not None:
                    pen.insert(self._under_way[0].abortion)
                self._under_way = picture, 0
            _, number = self._under_way
            for command in picture.transmission[number:]:
                if pen.size >= room:
                    self._under_way = picture, number
                    return False
                pen.insert(command)
                number += 1
            self._under_way = None
            self._stored[picture.key] = _Stored(picture.removal, picture.columns * picture.rows)
        self._stored.move_to_end(picture.key)
        return True

    def remove_old(self, pen: Pen, on_screen: Collection[Hashable]) -> None:
        """Let the terminal forget those drawn longest ago, but none with a key ``on_screen``."""
        if self._under_way is not None:
            return  # no other command may come in between
        cells = sum(stored.cells for stored in self._stored.values())
        for key, stored in list(self._stored.items()):
            if cells > MOST_CELLS and key not in on_screen:
                pen.insert(stored.removal)
                cells -= stored.cells
                del self._stored[key]
