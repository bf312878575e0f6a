"""The base of all renderers that draw in the terminal's own pixels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

from PIL import Image
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region
from textual.strip import Strip

from xray_tui.tui.output.placements import Placement, place
from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.scaling import scale
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply


@dataclass(frozen=True, eq=False)
class GraphicDrawing(Drawing, ABC):
    """A picture in the terminal's own pixels; the rows to paint have marks that stand for it."""

    pixels: Image.Image
    """Its pixels, in mode L."""
    _placements: list[Placement] = field(default_factory=list, init=False)
    """Where it is; a placement that nothing refers to is forgotten."""

    @cached_property
    def key(self) -> Hashable:
        """Equal for the same pixels in the same number of cells."""
        digest = blake2b(self.pixels.tobytes(), digest_size=16).digest()
        return digest, self.pixels.size, self.columns, self.rows

    @property
    @abstractmethod
    def part_bytes(self) -> int:
        """How many bytes it takes to draw all of it, without the transmission."""

    @property
    def comes_back(self) -> bool:
        """Whether it comes back over texts drawn over it, unless it is erased before."""
        return False

    @property
    def transmission(self) -> Sequence[str]:
        """Commands the terminal needs before it can draw a part; others may come in between."""
        return ()

    @property
    def abortion(self) -> str:
        """The command that ends an incomplete transmission."""
        return ""

    @property
    def removal(self) -> str:
        """The sequence that makes the terminal forget the transmission; may be empty."""
        return ""

    def draft(self, corner: Offset) -> str:
        """The sequence that draws a coarse picture with few bytes; may be empty."""
        return ""

    @property
    def transfer_bytes(self) -> int:
        """The bytes of the transmission and of all parts."""
        return sum(map(len, self.transmission)) + self.part_bytes

    @abstractmethod
    def part(self, area: Region, corner: Offset) -> str:
        """The sequence that draws the cells ``area`` of the picture, which lies at ``corner``."""

    def pixels_of(self, area: Region) -> Image.Image:
        """The pixels of the cells ``area`` of the picture."""
        width, height = self.pixels.width // self.columns, self.pixels.height // self.rows
        left, top, right, bottom = area.x, area.y, area.right, area.bottom
        return self.pixels.crop((left * width, top * height, right * width, bottom * height))

    def at(self, corner: Offset) -> list[Strip]:
        """Rows of the mark of the picture at this place."""
        placement = place(self, corner)
        self._placements[:] = [placement]
        marks = Segment(placement.mark * self.columns, Style.null())
        return [Strip([marks], self.columns)] * self.rows


class Graphics(ABC):
    """A renderer with graphics. Subclasses decide which terminals support it, and encode pixels."""

    needs_reply = True
    terminal_enlarges = False
    """Whether the terminal enlarges pictures that have fewer pixels than their cells."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Its name in the settings."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it draws with, in words."""

    @abstractmethod
    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether a terminal that gave this reply can show its drawings."""

    def remedy(self, reply: TerminalReply) -> str:
        """Nothing: most graphics depend on the terminal alone."""
        return ""

    def prepare(self) -> None:  # noqa: B027
        """Do nothing: most renderers need no imports before the app runs."""

    def pixels_in(self, cell: CellSize) -> CellSize:
        """All pixels of the cell."""
        return cell

    def background(self, theme_grey: int) -> int:
        """The theme's own background: pixels have any grey."""
        return theme_grey

    def reduced(self, picture: Image.Image, columns: int, rows: int, cell: CellSize) -> Image.Image:
        """The picture with all pixels of the cells, or with its own if the terminal enlarges it."""
        width, height = columns * cell.width, rows * cell.height
        if self.terminal_enlarges and picture.width <= width and picture.height <= height:
            return picture
        return scale(picture, width, height)

    def draw(
        self, picture: Image.Image, columns: int, rows: int, cell: CellSize, greys: int
    ) -> Drawing:
        """The picture in the terminal's own pixels."""
        return self.encoded(self.reduced(picture, columns, rows, cell), columns, rows, greys)

    @abstractmethod
    def encoded(self, pixels: Image.Image, columns: int, rows: int, greys: int) -> GraphicDrawing:
        """A drawing of ``pixels``."""
