"""One cell of the gallery, drawn: a frame, the picture, and a caption with the opinion."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.text import clean
from xray_tui.tui.review.gallery.pictures import Thumbnail
from xray_tui.tui.review.gallery.shape import FRAME
from xray_tui.tui.text_fit import wrap

SIGNS: dict[Decision, str] = {"accepted": "✓", "rejected": "✗", "undecided": "·"}

GONE = "no longer in the dataset"
_MARK = "◆"
_LOADING = "·"
_ELLIPSIS = "…"
_STARS_FROM = 22
"""Width of a cell from which a rating is ★★★; below it is ★3."""
_SEED_FROM = 32
"""Width of a cell from which the seed is told beside the label."""


@dataclass(frozen=True)
class CellLook:
    """The colours of a theme, each on the right ground."""

    plain: Style
    quiet: Style
    accepted: Style
    rejected: Style
    rating: Style
    warning: Style
    mark: Style
    cursor: Style
    """Of the caption under the cursor; its ground is the colour of the frame."""
    empty: Style
    """Where a picture will be."""
    broken: Style
    """A sentence in place of a picture."""

    @property
    def ground(self) -> int:
        """The grey that rejected pictures are faded into."""
        color = self.plain.bgcolor
        red, green, blue = color.get_truecolor() if color else (0, 0, 0)
        return (red + green + blue) // 3


@dataclass(frozen=True)
class CellState:
    """What a cell shows. ``row`` is None for a record that is gone."""

    row: GalleryRow | None
    picture: Thumbnail | str | None
    cursor: bool
    marked: bool


def draw_cell(state: CellState, size: Size, look: CellLook) -> list[Strip]:
    """A strip for each line of the cell."""
    top, side, frame = _frame(state, look)
    left, right = (Strip([Segment(char, frame)], 1) for char in side)
    box = size - (FRAME, FRAME)
    middle = [Strip.join([left, line, right]) for line in _picture(state, box, look)]
    first = Strip([Segment(top[0] + top[1] * box.width + top[2], frame)], size.width)
    return [first, *middle, _caption(state, size.width, look)]


def _frame(state: CellState, look: CellLook) -> tuple[str, str, Style]:
    """Characters of the top and of both sides, and their style: seen without colours too."""
    if state.cursor:
        colour = Style(color=look.cursor.bgcolor, bgcolor=look.plain.bgcolor)
        return "▄▄▄", "██", colour
    if state.marked:
        return "┌─┐", "││", look.mark
    return "   ", "  ", look.plain


def _picture(state: CellState, box: Size, look: CellLook) -> list[Strip]:
    """The picture in the middle of its room, or what is told in place of it."""
    picture = GONE if state.row is None else state.picture
    if isinstance(picture, str):
        return _lines(_shortened(wrap(picture, box.width), box), box, look.broken)
    if picture is None:
        return _lines([_LOADING], box, look.empty)
    faded = state.row is not None and state.row.opinion.decision == "rejected"
    return _centred(picture.strips(look.ground if faded else None), box, look.plain)


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
    above = (box.height - len(strips)) // 2
    below = box.height - len(strips) - above
    width = strips[0].cell_length
    left = (box.width - width) // 2
    before, after = Strip.blank(left, style), Strip.blank(box.width - width - left, style)
    blank = Strip.blank(box.width, style)
    return [
        *[blank] * above,
        *(Strip.join([before, strip, after]) for strip in strips),
        *[blank] * below,
    ]


def _caption(state: CellState, width: int, look: CellLook) -> Strip:
    parts: list[tuple[str, Style]] = [(_MARK if state.marked else " ", look.mark)]
    if state.row is not None:
        parts += _opinion(state.row, width, look)
        room = width - 1 - sum(cell_len(text) for text, _ in parts)
        parts += _name(state.row, room, width, look)
    # Under the cursor all parts take the cursor's colours.
    segments = [Segment(text, look.cursor if state.cursor else style) for text, style in parts]
    return Strip(segments).adjust_cell_length(width, look.cursor if state.cursor else look.plain)


def _opinion(row: GalleryRow, width: int, look: CellLook) -> list[tuple[str, Style]]:
    """The decision, the rating, how many tags, and whether a check failed; what there is of it."""
    opinion = row.opinion
    colours = {"accepted": look.accepted, "rejected": look.rejected, "undecided": look.quiet}
    parts = [(f"{SIGNS[opinion.decision]} ", colours[opinion.decision])]
    if opinion.rating:
        stars = "★" * opinion.rating if width >= _STARS_FROM else f"★{opinion.rating}"
        parts.append((f"{stars} ", look.rating))
    if opinion.tags:
        parts.append((f"#{len(opinion.tags)} ", look.quiet))
    if row.checks:
        parts.append(("! ", look.warning))
    return parts


def _name(row: GalleryRow, room: int, width: int, look: CellLook) -> list[tuple[str, Style]]:
    """The label, in ``room`` columns of ``width``; in wide cells the seed too, at the right end."""
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
