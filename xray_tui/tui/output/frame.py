"""What the screen should show and what the terminal shows, and the bytes from one to the other."""

from __future__ import annotations

from collections.abc import Callable

from textual.geometry import Offset, Size

from xray_tui.tui.output.cells import cells_of, is_of_picture, runs, stretches
from xray_tui.tui.output.grid import UNKNOWN, Grid
from xray_tui.tui.output.pen import Pen
from xray_tui.tui.output.placements import COARSE, Placement, areas, is_mark, placed
from xray_tui.tui.output.stored import StoredPictures
from xray_tui.tui.output.styles import coarse

_COARSE_BYTES = 15_000
"""Larger pictures are coarse at first."""
_BLOCK_BYTES = 35
"""About the bytes of a cell of a picture in characters."""
_SMALL = 500
"""A picture with more cells, if it waits for room, leaves the picture before it on the screen."""


class Frame:
    """The cells that the screen should have, and those that the terminal has been sent."""

    def __init__(self) -> None:
        self.size = Size(0, 0)
        self.cursor = Offset(0, 0)
        self._wanted = self._sent = Grid(self.size, UNKNOWN)
        self._sent_cursor: Offset | None = None
        self._changed: set[int] = set()
        """Rows that may have changed."""
        self._pictures: set[int] = set()
        """Rows with cells of pictures that may not have been sent."""
        self._stored = StoredPictures()
        self._drawn: dict[str, Placement] = {}
        """The placements on the screen. They are kept: drawing an equal picture at the same place
        sends nothing."""

    # -- what the screen should show ---------------------------------------------------------------

    def resize(self, size: Size) -> None:
        """Start again if the screen does not have this size yet."""
        if size != self.size:
            self.size = size
            self._wanted = Grid(size, " ")
            self._forget_cells()

    def forget(self) -> None:
        """The terminal shows something else by now: send everything again."""
        self._forget_cells()
        self._stored.clear()

    def forget_pictures(self) -> None:
        """The terminal has none of the pictures by now: send them again, but not the texts."""
        self._stored.clear()
        self._pictures |= self._sent.forget_marks()

    def _forget_cells(self) -> None:
        self._sent = Grid(self.size, UNKNOWN)
        self._sent_cursor = None
        self._pictures.clear()
        self._changed = set(range(self.size.height))

    def put(self, x: int, y: int, *texts: tuple[str, str]) -> None:
        """Let the cells from this one on show ``texts``, each with its style.

        A style has the numbers of an SGR sequence.
        """
        cells: list[str] = []
        drawn: list[str] = []
        for text, style in texts:
            added = cells_of(text)
            cells += added
            drawn += [style] * len(added) if added and not is_mark(added[0]) else [""] * len(added)
        end = x + len(cells)
        if not cells or not 0 <= y < self.size.height or x < 0 or end > self.size.width:
            return  # drawn for a larger terminal: it is about to be drawn again
        characters, styles = self._wanted.characters[y], self._wanted.styles[y]
        if characters[x:end] != cells or styles[x:end] != drawn:
            if not characters[x]:  # the second half of a wide character
                characters[x - 1] = " "
            if end < self.size.width and not characters[end]:
                characters[end] = " "
            characters[x:end], styles[x:end] = cells, drawn
            self._changed.add(y)

    def removal(self) -> str:
        """The sequence that makes the terminal forget all pictures."""
        return self._stored.removal

    # -- what the terminal is sent -----------------------------------------------------------------

    @property
    def has_unsent(self) -> bool:
        """Whether the terminal does not show all that it should."""
        return bool(self._changed or self._pictures)

    def difference(self, room: int = 1 << 30) -> str:
        """What the terminal is to be sent: all changed texts, and of pictures what has ``room``.

        Without much room, pictures come in several pieces, coarse ones first.
        """
        pen = Pen(self._sent_cursor, self.size.width)
        self._erase_covered(pen)
        marked: dict[str, list[tuple[int, int]]] = {}
        blocks: dict[int, list[int]] = {}
        for y in sorted(self._changed | self._pictures):
            columns, characters = self._changed_columns(y), self._wanted.characters[y]
            pictures = {one for one in set(characters) if is_of_picture(one)}
            self._draw(pen, y, [x for x in columns if characters[x] not in pictures])
            columns = [x for x in columns if characters[x] in pictures] if pictures else []
            for x in columns:
                if is_mark(characters[x]):
                    marked.setdefault(characters[x], []).append((x, y))
                else:
                    blocks.setdefault(y, []).append(x)
            if columns:
                self._pictures.add(y)
        self._changed.clear()
        self._send_blocks(pen, blocks, room)
        for mark, cells in marked.items():  # while there is room, but one piece if there is any
            if pen.size < room:
                self._draw_picture(pen, mark, cells, room)
            elif len(cells) <= _SMALL:
                self._blank(pen, mark, cells)
        if marked:
            self._forget_pictures(pen)
        self._pictures = {y for y in self._pictures if not self._is_sent(y)}
        pen.plain()
        pen.go(*self.cursor)
        self._sent_cursor = self.cursor
        return pen.sequence

    def _erase_covered(self, pen: Pen) -> None:
        """Erase pictures that texts are about to cover and that would come back.

        Others in the same rows are erased as well. What remains visible is sent again.
        """
        drawn = self._drawn.values()
        kept = [one for one in drawn if one.picture.comes_back and self._sent.shows(one)]
        rows: set[int] = set()
        for placement in kept:
            if self._sent.covers(placement, self._wanted):
                rows.update(self._sent.rows_of(placement))
        for placement in kept:
            if not rows.isdisjoint(self._sent.rows_of(placement)):
                rows.update(self._sent.rows_of(placement))
                self._pictures |= self._sent.forget_marks(placement.mark)
        for y in sorted(rows):
            pen.go(0, y)
            pen.erase()
            self._sent.characters[y][0] = UNKNOWN
        self._changed |= rows

    def _send_blocks(self, pen: Pen, rows: dict[int, list[int]], room: int) -> None:
        """Send pictures in characters, row by row; large ones coarse at first."""
        if sum(map(len, rows.values())) * _BLOCK_BYTES > max(room, _COARSE_BYTES):
            for y, columns in rows.items():
                if pen.size < room:
                    self._draw(pen, y, [x for x in columns if not self._is_coarse(x, y)], coarse)
        for y, columns in rows.items():
            if pen.size < room:
                self._draw(pen, y, columns)

    def _is_coarse(self, x: int, y: int) -> bool:
        """Whether the terminal shows this cell, but coarsely."""
        wanted, sent = self._wanted, self._sent
        return sent.styles[y][x] == coarse(wanted.styles[y][x]) and (
            sent.characters[y][x] == wanted.characters[y][x]
        )

    def _is_sent(self, y: int) -> bool:
        """Whether the terminal shows all of this row."""
        return (
            self._wanted.characters[y] == self._sent.characters[y]
            and self._wanted.styles[y] == self._sent.styles[y]
        )

    def _changed_columns(self, y: int) -> list[int]:
        if self._is_sent(y):
            return []
        cells = zip(
            self._wanted.characters[y],
            self._sent.characters[y],
            self._wanted.styles[y],
            self._sent.styles[y],
            strict=True,
        )
        return [x for x, (a, b, c, d) in enumerate(cells) if a != b or c != d]

    def _draw(
        self, pen: Pen, y: int, columns: list[int], drawn: Callable[[str], str] | None = None
    ) -> None:
        """Draw these cells of a row, with the style ``drawn`` makes of theirs."""
        characters, styles = self._wanted.characters[y], self._wanted.styles[y]
        if drawn is not None:
            styles = [drawn(style) for style in styles]
        for start, end in runs(columns, characters, styles):
            for x, stop, simple in stretches(start, end, characters, styles):
                pen.go(x, y)
                pen.draw("".join(characters[x:stop]), styles[x], simple=simple)
            self._sent.characters[y][start:end] = characters[start:end]
            self._sent.styles[y][start:end] = styles[start:end]

    def _draw_picture(self, pen: Pen, mark: str, cells: list[tuple[int, int]], room: int) -> None:
        """Draw these cells of a picture, as far as there is room."""
        placement = placed(mark)
        if placement is None:  # it is about to be replaced
            self._note_drawn(mark, cells)
            return
        picture, corner = placement.picture, placement.region.offset
        if not self._stored.add(pen, picture, room):
            return
        self._drawn[mark] = placement
        size = picture.columns * picture.rows
        x, y = cells[0]
        drafted = self._sent.characters[y][x] == mark + COARSE
        if picture.part_bytes > max(room, _COARSE_BYTES) and len(cells) == size and not drafted:
            pen.insert(picture.draft(corner))
            self._note_drawn(mark + COARSE, cells)
        for area in areas(cells):
            rest = area
            while rest and pen.size < room:
                rows = (room - pen.size) * size // (picture.part_bytes * rest.width)
                piece, rest = rest.split_horizontal(max(1, min(rows, rest.height)))
                self._note_drawn(mark, [(x, y) for x, y in cells if piece.contains(x, y)])
                if inside := piece.intersection(placement.region):
                    pen.insert(picture.part(inside.translate(-corner), corner))

    def _blank(self, pen: Pen, mark: str, cells: list[tuple[int, int]]) -> None:
        """Blank those of a picture's cells that show another one: it belongs to another text."""
        sent = self._sent
        other = [(x, y) for x, y in cells if is_mark(one := sent.characters[y][x]) and one != mark]
        for area in areas(other):
            for y in range(area.y, area.bottom):
                style = self._wanted.styles[y][area.x - 1] if area.x else ""
                pen.go(area.x, y)
                pen.draw(" " * area.width, style, simple=True)
                sent.characters[y][area.x : area.right] = [" "] * area.width
                sent.styles[y][area.x : area.right] = [style] * area.width

    def _note_drawn(self, character: str, cells: list[tuple[int, int]]) -> None:
        for x, y in cells:
            self._sent.characters[y][x], self._sent.styles[y][x] = character, ""

    def _forget_pictures(self, pen: Pen) -> None:
        """Forget placements that were overwritten; of their pictures, the terminal keeps some."""
        shown = {character[0] for row in self._sent.characters for character in {*row} - {""}}
        self._drawn = {mark: placement for mark, placement in self._drawn.items() if mark in shown}
        on_screen = {placement.picture.key for placement in self._drawn.values()}
        self._stored.remove_old(pen, on_screen)
