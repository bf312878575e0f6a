"""Draws one cell of the gallery: a frame, the picture, and a caption with the opinion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.text import clean
from xray_tui.tui.pictures.painting import area
from xray_tui.tui.review.gallery.pictures import Thumbnail
from xray_tui.tui.review.gallery.shape import FRAME
from xray_tui.tui.text_fit import wrap

SIGNS: dict[Decision, str] = {"accepted": "✓", "rejected": "✗", "undecided": "·"}

DISPUTED_SIGN = "±"
"""Some reviewers accept the image, others reject it."""

GONE = "no longer in the dataset"
_MARK = "◆"
_LOADING = "·"
_ELLIPSIS = "…"
_STARS_FROM = 22
"""From this width of a cell on, a rating is written ★★★ instead of ★3."""
_SEED_FROM = 32
"""From this width of a cell on, the seed is shown next to the label."""


@dataclass(frozen=True)
class CellLook:
    """The styles of a theme, each with its background colour."""

    plain: Style
    quiet: Style
    accepted: Style
    rejected: Style
    rating: Style
    warning: Style
    mark: Style
    cursor: Style
    """The caption under the cursor; its background is the colour of the frame."""
    empty: Style
    """The place of a picture that is not loaded yet."""
    broken: Style
    """A message in place of a picture."""

    def of(self, decision: Decision) -> Style:
        """The style of a decision."""
        styles = {"accepted": self.accepted, "rejected": self.rejected, "undecided": self.quiet}
        return styles[decision]

    @property
    def background(self) -> int:
        """The grey, 0 to 255, that rejected pictures fade into."""
        return grey_of(self.plain)


def grey_of(style: Style) -> int:
    """The grey, 0 to 255, that is nearest to the background of a style."""
    red, green, blue = style.bgcolor.get_truecolor() if style.bgcolor else (0, 0, 0)
    return (red + green + blue) // 3


@dataclass(frozen=True)
class CellState:
    """The content of a cell.

    ``row`` is None for a removed record; ``picture`` is a message if there is no picture, and None
    until it is loaded.
    """

    row: GalleryRow | None
    picture: Thumbnail | str | None
    cursor: bool
    marked: bool
    flash: Decision | None = None
    """The decision that was just made: the cell stands out for a moment."""


def draw_cell(state: CellState, region: Region, look: CellLook) -> list[Strip]:
    """The cell in this region of the screen, one strip per line."""
    size = region.size
    top, side, frame = _frame(state, look)
    left, right = (Strip([Segment(char, frame)], 1) for char in side)
    lines = _picture(state, region.shrink((1, 1, 1, 1)), look)
    width = lines[0].cell_length  # the frame is as wide as the picture, without a gap
    first = Strip([Segment(top[0] + top[1] * width + top[2], frame)], width + FRAME)
    if state.flash is not None:  # not on the picture, of which a part would be sent again
        first = _stamped(first, state.flash, look)
    framed = [
        first,
        *(Strip.join([left, line, right]) for line in lines),
    ]
    before = (size.width - FRAME - width) // 2
    after = size.width - FRAME - width - before
    margins = Strip.blank(before, look.plain), Strip.blank(after, look.plain)
    middle = [Strip.join([margins[0], line, margins[1]]) for line in framed]
    # A frame that is a column narrower than the cell ends where the bar of the caption ends.
    bar = size.width - after if not before else size.width
    return [*middle, _caption(state, size.width, look, bar)]


def _frame(state: CellState, look: CellLook) -> tuple[str, str, Style]:
    """Characters of the top and of both sides, and their style; clear even without colours."""
    if state.flash is not None:
        colour = Style(color=look.of(state.flash).color, bgcolor=look.plain.bgcolor)
        return "▄▄▄", "██", colour
    if state.cursor:
        colour = Style(color=look.cursor.bgcolor, bgcolor=look.plain.bgcolor)
        return "▄▄▄", "██", colour
    if state.marked:
        return "┌─┐", "││", look.mark
    return "   ", "  ", look.plain


def _picture(state: CellState, place: Region, look: CellLook) -> list[Strip]:
    """The picture, as high as its place, or the message instead, also as wide."""
    box = place.size
    picture = GONE if state.row is None else state.picture
    if isinstance(picture, str):
        return _lines(_shortened(wrap(picture, box.width), box), box, look.broken)
    if picture is None:
        return _lines([_LOADING], box, look.empty)
    faded = state.row is not None and state.row.opinion.decision == "rejected"
    drawing = picture.drawing(look.background if faded else None)
    corner = place.offset + area(drawing, box).offset
    return _centred(drawing.at(corner), box, look.plain)


def _stamped(line: Strip, decision: Decision, look: CellLook) -> Strip:
    """``line`` with the sign of ``decision`` in its middle."""
    stamp = Strip([Segment(f" {SIGNS[decision]} ", look.of(decision) + Style(reverse=True))], 3)
    start = (line.cell_length - stamp.cell_length) // 2
    return Strip.join([line.crop(0, start), stamp, line.crop(start + stamp.cell_length)])


def _shortened(lines: list[str], box: Size) -> list[str]:
    if len(lines) <= box.height:
        return lines
    last = _cut(lines[box.height - 1] + _ELLIPSIS, box.width)
    return [*lines[: box.height - 1], last]


def _lines(texts: list[str], box: Size, style: Style) -> list[Strip]:
    strips = []
    for text in texts:
        room = box.width - cell_len(text)
        strips.append(Strip([Segment(" " * (room // 2) + text, style)]))
    return _centred([strip.adjust_cell_length(box.width, style) for strip in strips], box, style)


def _centred(strips: list[Strip], box: Size, style: Style) -> list[Strip]:
    """The strips with blank ones above and below."""
    above = (box.height - len(strips)) // 2
    blank = Strip.blank(strips[0].cell_length, style)
    return [*[blank] * above, *strips, *[blank] * (box.height - len(strips) - above)]


def _caption(state: CellState, width: int, look: CellLook, bar: int) -> Strip:
    """The line below the picture; under the cursor, ``bar`` columns of it have its colour."""
    parts: list[tuple[str, Style]] = [(_MARK if state.marked else " ", look.mark)]
    if state.row is not None:
        parts += _opinion(state.row, width, look)
        room = width - 1 - sum(cell_len(text) for text, _ in parts)
        parts += _name(state.row, room, width, look)
    # Under the cursor all parts have the colours of the cursor.
    segments = [Segment(text, look.cursor if state.cursor else style) for text, style in parts]
    line = Strip(segments)
    if state.cursor:
        line = line.adjust_cell_length(max(bar, line.cell_length), look.cursor)
    return line.adjust_cell_length(width, look.plain)


def _opinion(row: GalleryRow, width: int, look: CellLook) -> list[tuple[str, Style]]:
    """The decision, then, if present: rating, number of tags, signs for dispute and checks."""
    opinion = row.opinion
    parts = [(f"{SIGNS[opinion.decision]} ", look.of(opinion.decision))]
    if opinion.rating:
        stars = "★" * opinion.rating if width >= _STARS_FROM else f"★{opinion.rating}"
        parts.append((f"{stars} ", look.rating))
    if opinion.tags:
        parts.append((f"#{len(opinion.tags)} ", look.quiet))
    if row.disputed:
        parts.append((f"{DISPUTED_SIGN} ", look.warning))
    if row.checks:
        parts.append(("! ", look.warning))
    return parts


def _name(row: GalleryRow, room: int, width: int, look: CellLook) -> list[tuple[str, Style]]:
    """The label in ``room`` columns; in a cell of enough ``width`` also the seed, right-aligned."""
    label = clean(row.label or PurePath(row.file).stem)
    name = _cut(label, room)
    seed = f" {row.seed}"
    spare = room - cell_len(name) - len(seed)
    if width < _SEED_FROM or spare < 0:
        return [(name, look.plain)]
    return [(name, look.plain), (" " * spare + seed, look.quiet)]


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + _ELLIPSIS if width > 0 else ""
