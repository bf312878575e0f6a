"""A drawing: a picture scaled to a box of cells and turned into output for the terminal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from textual.geometry import Offset
from textual.strip import Strip

_SEGMENT_BYTES = 42
"""Bytes of one segment: an escape sequence for two colours, a character, and the reset."""


@dataclass(frozen=True, eq=False)
class Drawing(ABC):
    """A picture for a box of ``columns`` × ``rows`` cells."""

    columns: int
    rows: int

    @property
    @abstractmethod
    def transfer_bytes(self) -> int:
        """About how many bytes are sent to draw it."""

    @abstractmethod
    def at(self, corner: Offset) -> list[Strip]:
        """The rows to paint if the drawing is at this place of the screen."""


@dataclass(frozen=True, eq=False)
class CharacterDrawing(Drawing):
    """A picture in characters: one strip per row."""

    strips: list[Strip]

    @property
    def transfer_bytes(self) -> int:
        """About how many bytes are sent to draw it."""
        return _SEGMENT_BYTES * sum(len(list(strip)) for strip in self.strips)

    def at(self, corner: Offset) -> list[Strip]:
        """The same rows everywhere."""
        return self.strips
