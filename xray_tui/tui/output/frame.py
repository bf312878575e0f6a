"""What the screen should show and what the terminal shows, and the bytes from one to the other."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Hashable, Iterator
from functools import lru_cache

from rich.cells import split_graphemes
from textual.geometry import Offset, Size

from xray_tui.tui.output.pen import Pen
from xray_tui.tui.output.placements import Picture, Placement, areas, is_mark, placed

_UNKNOWN = "?!"
"""The character of a cell of which nobody knows what the terminal shows there."""
_COARSE, _COARSE_BYTES = "~", 15_000
"""Follows the mark in cells that show a coarse picture; larger pictures are coarse at first."""
_SHORT_GAP = 4
"""Up to this number of unchanged cells is sent again, which is no longer than to step over them."""
_STORED = 8
"""Pictures that the terminal keeps in its memory, so that they need not be sent again."""
_PLACEMENTS = 16
"""Placements drawn last that are kept: drawing an equal picture at the same place sends nothing."""


class _Cells:
    """The characters and the styles of all cells. An empty character follows a wide one."""

    def __init__(self, size: Size, character: str) -> None:
        self.characters = [[character] * size.width for _ in range(size.height)]
        self.styles = [[""] * size.width for _ in range(size.height)]


class Frame:
    """The cells that the screen should have, and those that the terminal has been sent."""

    def __init__(self) -> None:
        self.size = Size(0, 0)
        self.cursor = Offset(0, 0)
        self._wanted = self._sent = _Cells(self.size, _UNKNOWN)
        self._sent_cursor: Offset | None = None
        self._changed: set[int] = set()
        """Rows that may have changed."""
        self._pictures: set[int] = set()
        """Rows with cells of pictures that may not have been sent."""
        self._transmitted: tuple[Picture, int] | None = None
        """The picture that is being transmitted, and the number of its commands that were sent."""
        self._stored: OrderedDict[Hashable, str] = OrderedDict()
        self._drawn: deque[Placement] = deque(maxlen=_PLACEMENTS)

    # -- what the screen should show ---------------------------------------------------------------

    def resize(self, size: Size) -> None:
        """Start again if the screen does not have this size yet."""
        if size != self.size:
            self.size = size
            self._wanted = _Cells(size, " ")
            self._forget_cells()

    def forget(self) -> None:
        """The terminal shows something else by now: send everything again."""
        self._forget_cells()
        self._stored.clear()
        self._transmitted = None

    def _forget_cells(self) -> None:
        self._sent = _Cells(self.size, _UNKNOWN)
        self._sent_cursor = None
        self._pictures.clear()
        self._changed = set(range(self.size.height))

    def put(self, x: int, y: int, text: str, style: str) -> int:
        """Let the cells from this one on show ``text``; returns the column after it.

        ``style`` has the numbers of an SGR sequence.
        """
        cells = _cells(text)
        end = x + len(cells)
        if not cells or not 0 <= y < self.size.height or x < 0 or end > self.size.width:
            return end  # drawn for a larger terminal: it is about to be drawn again
        characters, styles = self._wanted.characters[y], self._wanted.styles[y]
        if is_mark(cells[0]):
            style = ""
        drawn = [style] * len(cells)
        if characters[x:end] != cells or styles[x:end] != drawn:
            if not characters[x]:  # the second half of a wide character
                characters[x - 1] = " "
            if end < self.size.width and not characters[end]:
                characters[end] = " "
            characters[x:end], styles[x:end] = cells, drawn
            self._changed.add(y)
        return end

    def removal(self) -> str:
        """The sequence that makes the terminal forget all pictures."""
        return "".join(self._stored.values())

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
        for y in sorted(self._changed):
            columns = self._changed_columns(y)
            characters = self._wanted.characters[y]
            texts = [x for x in columns if not _is_of_picture(characters[x])]
            self._draw(pen, y, texts)
            if len(texts) < len(columns):
                self._pictures.add(y)
        self._changed.clear()
        self._send_pictures(pen, room)
        pen.plain()
        pen.go(self.cursor)
        self._sent_cursor = self.cursor
        return pen.sequence

    def _send_pictures(self, pen: Pen, room: int) -> None:
        """Send pieces of the pictures until there is no more room, but one piece if any."""
        marked: dict[str, list[tuple[int, int]]] = {}
        for y in sorted(self._pictures):
            wanted = self._wanted.characters[y]
            columns = self._changed_columns(y)
            if pen.size < room:
                self._draw(pen, y, [x for x in columns if not is_mark(wanted[x])])
                columns = [x for x in columns if is_mark(wanted[x])]
            if not columns:
                self._pictures.discard(y)
            for x in columns:
                if is_mark(wanted[x]):
                    marked.setdefault(wanted[x], []).append((x, y))
        for mark, cells in marked.items():
            if pen.size < room:
                self._draw_picture(pen, mark, cells, room)
        for y in list(self._pictures):
            if not self._changed_columns(y):
                self._pictures.discard(y)

    def _changed_columns(self, y: int) -> list[int]:
        wanted, styles = self._wanted.characters[y], self._wanted.styles[y]
        sent, sent_styles = self._sent.characters[y], self._sent.styles[y]
        if wanted == sent and styles == sent_styles:
            return []
        return [
            x for x in range(self.size.width) if wanted[x] != sent[x] or styles[x] != sent_styles[x]
        ]

    def _draw(self, pen: Pen, y: int, columns: list[int]) -> None:
        """Draw these cells of a row."""
        characters, styles = self._wanted.characters[y], self._wanted.styles[y]
        for start, end in _runs(columns, characters, styles):
            for x in range(start, end):
                if characters[x]:
                    pen.go(Offset(x, y))
                    wide = x + 1 < self.size.width and not characters[x + 1]
                    pen.draw(characters[x], styles[x], 2 if wide else 1)
            self._sent.characters[y][start:end] = characters[start:end]
            self._sent.styles[y][start:end] = styles[start:end]

    def _draw_picture(self, pen: Pen, mark: str, cells: list[tuple[int, int]], room: int) -> None:
        """Draw these cells of a picture, as far as there is room."""
        placement = placed(mark)
        if placement is None:  # it is about to be replaced
            self._note_drawn(mark, cells)
            return
        picture, corner = placement.picture, placement.region.offset
        if not self._transmit(pen, picture, room):
            return
        if placement not in self._drawn:
            self._drawn.append(placement)
        size = picture.columns * picture.rows
        x, y = cells[0]
        coarse = self._sent.characters[y][x] == mark + _COARSE
        if picture.part_bytes > max(room, _COARSE_BYTES) and len(cells) == size and not coarse:
            pen.insert(picture.draft(corner))
            self._note_drawn(mark + _COARSE, cells)
        for area in areas(cells):
            rest = area
            while rest and pen.size < room:
                rows = (room - pen.size) * size // (picture.part_bytes * rest.width)
                piece, rest = rest.split_horizontal(max(1, min(rows, rest.height)))
                self._note_drawn(mark, [(x, y) for x, y in cells if piece.contains(x, y)])
                if inside := piece.intersection(placement.region):
                    pen.insert(picture.part(inside.translate(-corner), corner))
        self._remove_old_pictures(pen)

    def _transmit(self, pen: Pen, picture: Picture, room: int) -> bool:
        """Send what the terminal has to know of a picture; False if there is no room for all."""
        if picture.key not in self._stored:
            if self._transmitted is None or self._transmitted[0].key != picture.key:
                if self._transmitted is not None:
                    pen.insert(self._transmitted[0].abortion)
                self._transmitted = picture, 0
            _, number = self._transmitted
            for command in picture.transmission[number:]:
                if pen.size >= room:
                    self._transmitted = picture, number
                    return False
                pen.insert(command)
                number += 1
            self._transmitted = None
            self._stored[picture.key] = picture.removal
        self._stored.move_to_end(picture.key)
        return True

    def _note_drawn(self, character: str, cells: list[tuple[int, int]]) -> None:
        for x, y in cells:
            self._sent.characters[y][x], self._sent.styles[y][x] = character, ""

    def _remove_old_pictures(self, pen: Pen) -> None:
        """Let the terminal forget the pictures that were drawn longest ago."""
        for key in list(self._stored)[: max(0, len(self._stored) - _STORED)]:
            if not any(self._shows(one) for one in self._drawn if one.picture.key == key):
                pen.insert(self._stored.pop(key))

    def _shows(self, placement: Placement) -> bool:
        return any(placement.mark in row for row in self._sent.characters)


def _runs(
    columns: list[int], characters: list[str], styles: list[str]
) -> Iterator[tuple[int, int]]:
    """The columns as ranges. A wide character is in a range as a whole."""
    start = end = -1
    for x in columns:
        if x < end:
            continue
        first = x if characters[x] else x - 1
        between = range(end, first)
        if (
            start < 0
            or len(between) > _SHORT_GAP
            or not all(
                styles[gap] == styles[end - 1] and not is_mark(characters[gap]) for gap in between
            )
        ):
            if start >= 0:
                yield start, end
            start = first
        end = _end(x, characters)
    if start >= 0:
        yield start, end


def _end(x: int, characters: list[str]) -> int:
    """The end of the character in column ``x``.

    Terminals disagree about the width of several code points, so the next cell is sent as well.
    """
    end = x + 1 + (len(characters[x]) > 1)
    while end < len(characters) and not characters[end]:
        end += 1
    return min(end, len(characters))


@lru_cache(1 << 13)
def _cells(text: str) -> list[str]:
    """What each cell of ``text`` contains. Do not change the result."""
    if text.isascii():
        return list(text) if text.isprintable() else [c for c in text if c.isprintable()]
    cells = []
    for start, end, width in split_graphemes(text)[0]:
        if width:
            cells += [text[start:end], *[""] * (width - 1)]
    return cells


def _is_of_picture(character: str) -> bool:
    """Whether it is a mark or a block, of which pictures in characters consist."""
    return character > "\u257f" and (
        character < "\u25a0" or "\U0001fb00" <= character < "\U0001fb3c" or is_mark(character)
    )
