"""The cells of a screen: their characters and styles."""

from __future__ import annotations

from textual.geometry import Size

from xray_tui.tui.output.placements import COARSE, Placement, is_mark

UNKNOWN = "?!"
"""The character of a cell of which nobody knows what the terminal shows there."""


class Grid:
    """The characters and the styles of all cells. An empty character follows a wide one."""

    def __init__(self, size: Size, character: str) -> None:
        self.characters = [[character] * size.width for _ in range(size.height)]
        self.styles = [[""] * size.width for _ in range(size.height)]

    def shows(self, placement: Placement) -> bool:
        """Whether any cell shows this picture at this place, also coarsely."""
        rows = self.characters[placement.region.y : placement.region.bottom]
        return any(
            mark in row for row in rows for mark in (placement.mark, placement.mark + COARSE)
        )

    def covers(self, placement: Placement, wanted: Grid) -> bool:
        """Whether ``wanted`` has texts in cells that show this picture here."""
        return any(
            shown.startswith(placement.mark) and not is_mark(new)
            for y in self.rows_of(placement)
            for shown, new in zip(self.characters[y], wanted.characters[y], strict=True)
        )

    def rows_of(self, placement: Placement) -> range:
        """The rows of the picture, as far as they are within the screen."""
        return range(placement.region.y, min(placement.region.bottom, len(self.characters)))

    def forget_marks(self, mark: str = "") -> set[int]:
        """Nobody knows what the cells with this mark show, or with any; returns their rows."""
        rows = set()
        for y, characters in enumerate(self.characters):
            for x, character in enumerate(characters):
                if is_mark(character) and character.startswith(mark):
                    characters[x] = UNKNOWN
                    rows.add(y)
        return rows
