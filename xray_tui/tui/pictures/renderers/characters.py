"""The base of all renderers that draw in characters."""

from __future__ import annotations

from abc import ABC, abstractmethod

from PIL import Image
from textual.strip import Strip

from xray_tui.tui.pictures.renderers.drawing import CharacterDrawing, Drawing
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply

ZOOMED_PIXELS = CellSize(1, 2)
"""A cell is about twice as high as wide: two pixels on top of each other are square."""


class Characters(ABC):
    """A renderer in characters. Subclasses say how to scale, and which characters to use."""

    needs_reply = False

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name in the settings."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it draws with, in words."""

    def supported_by(self, reply: TerminalReply) -> bool:
        """True: every terminal shows characters."""
        return True

    def remedy(self, reply: TerminalReply) -> str:
        """Nothing: characters depend on the font."""
        return ""

    def prepare(self) -> None:  # noqa: B027
        """Do nothing: characters need no imports."""

    def pixels_in(self, cell: CellSize) -> CellSize:
        """One pixel across and two down, whatever the size of a cell."""
        return ZOOMED_PIXELS

    def reduced(self, picture: Image.Image, columns: int, rows: int, cell: CellSize) -> Image.Image:
        """The pixels that the characters show."""
        return self.scaled(picture, columns, rows)

    def draw(
        self, picture: Image.Image, columns: int, rows: int, cell: CellSize, greys: int
    ) -> Drawing:
        """The picture in characters, in all its greys."""
        return CharacterDrawing(columns, rows, self.strips(self.scaled(picture, columns, rows)))

    @abstractmethod
    def scaled(self, picture: Image.Image, columns: int, rows: int) -> Image.Image:
        """``picture`` with exactly the pixels that ``columns`` × ``rows`` characters show."""

    @abstractmethod
    def strips(self, pixels: Image.Image) -> list[Strip]:
        """The rows of characters for an image that :meth:`scaled` returned."""

    def background(self, theme_grey: int) -> int:
        """The theme's own background: these characters are drawn in any grey."""
        return theme_grey
