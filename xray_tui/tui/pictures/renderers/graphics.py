"""The base of all renderers that draw in the terminal's own pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod

from PIL import Image

from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.half_cells import HalfCells
from xray_tui.tui.pictures.renderers.renderer import CharacterRenderer
from xray_tui.tui.pictures.scaling import scale
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply


class Graphics(ABC):
    """A renderer with graphics. Subclasses decide which terminals support it, and encode pixels."""

    needs_reply = True

    def __init__(self) -> None:
        self._characters = HalfCells()

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def characters(self) -> CharacterRenderer:
        """Half cells, which are drawn where the graphics would be cut."""
        return self._characters

    @abstractmethod
    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether a terminal that gave this reply can show its drawings."""

    def prepare(self) -> None:  # noqa: B027
        """Do nothing: most renderers need no imports before the app runs."""

    def pixels_in(self, cell: CellSize) -> CellSize:
        """All pixels of the cell."""
        return cell

    def draw(
        self, picture: Image.Image, columns: int, rows: int, cell: CellSize, greys: int
    ) -> Drawing:
        """The picture with graphics, and in characters."""
        characters = self.characters
        in_characters = Drawing(
            columns, rows, characters.strips(characters.scaled(picture, columns, rows))
        )
        pixels = scale(picture, columns * cell.width, rows * cell.height)
        return self.encoded(pixels, in_characters, greys)

    @abstractmethod
    def encoded(self, pixels: Image.Image, in_characters: Drawing, greys: int) -> Drawing:
        """A drawing of ``pixels`` by graphics, with the rows ``in_characters`` to fall back on."""
