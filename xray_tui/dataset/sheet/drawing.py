"""Draws a sheet: a title, then for each label a heading and rows of captioned images.

Everything is laid out for the width of a sheet of paper, A4 at 200 pixels per inch. A PNG is one
page as high as it must be.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.sheet.choosing import LabelImages
from xray_tui.text import clean

RESOLUTION = 200
"""Pixels per inch."""
WIDTH, PAGE_HEIGHT = 1654, 2339
_MARGIN, _GAP = 60, 12
_PAPER, _INK, _QUIET = 255, 15, 105
_TITLE, _HEADING, _TEXT = 36, 26, 20
"""Sizes of type in pixels."""
_SMALL_CELL = 180
"""Pixels: narrower cells have smaller captions."""
_LEADING = 1.35
"""Height of a line, as a multiple of the size of its type."""

ReadImage = Callable[[Chosen], Image.Image]
"""Reads an image as 8-bit greyscale."""


@dataclass(frozen=True)
class SheetText:
    """The text at the top."""

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class _Row:
    """A row of images of one label."""

    images: Sequence[Chosen]
    label: str
    note: str = ""
    """Follows the label in the heading above the row; without it there is no heading."""


@dataclass(frozen=True)
class Layout:
    """Where the images of ``labels`` are, in rows of ``columns``."""

    text: SheetText
    labels: Sequence[LabelImages]
    columns: int

    @property
    def height(self) -> int:
        """Pixels of one page with everything on it."""
        return 2 * _MARGIN + self._top + sum(map(self._height_of, self._rows()))

    def pages(self) -> list[list[_Row]]:
        """The rows of each page of a document, of :data:`PAGE_HEIGHT` pixels."""
        pages: list[list[_Row]] = [[]]
        left = PAGE_HEIGHT - 2 * _MARGIN - self._top
        for row in self._rows():
            placed = row
            if pages[-1] and self._height_of(row) > left:
                pages.append([])
                left = PAGE_HEIGHT - 2 * _MARGIN
                placed = replace(row, note=row.note or "continued")
            pages[-1].append(placed)
            left -= self._height_of(placed)
        return pages

    def draw_one(self, read: ReadImage) -> Image.Image:
        """Everything on one page, in 8-bit greyscale.

        Raises:
            DatasetError: ``read`` raised it.
        """
        return self._page(list(self._rows()), self.height, read, is_first=True)

    def draw_pages(self, read: ReadImage) -> list[Image.Image]:
        """The pages of a document, in 8-bit greyscale.

        Raises:
            DatasetError: ``read`` raised it.
        """
        return [
            self._page(rows, PAGE_HEIGHT, read, is_first=number == 0)
            for number, rows in enumerate(self.pages())
        ]

    # ---- sizes -----------------------------------------------------------------------------------

    @property
    def _cell(self) -> int:
        """Pixels of the square that an image gets."""
        return (WIDTH - 2 * _MARGIN - (self.columns - 1) * _GAP) // self.columns

    @property
    def _caption(self) -> int:
        """Size of the type of captions."""
        return 18 if self._cell >= _SMALL_CELL else 13

    @property
    def _top(self) -> int:
        return _line(_TITLE) + len(self.text.lines) * _line(_TEXT) + 2 * _GAP

    def _height_of(self, row: _Row) -> int:
        heading = 2 * _GAP + _line(_HEADING) if row.note else 0
        return heading + self._cell + 2 * _line(self._caption) + _GAP

    def _rows(self) -> Iterator[_Row]:
        for one in self.labels:
            for start in range(0, len(one.images), self.columns):
                images = one.images[start : start + self.columns]
                note = "" if start else f"{len(one.images):,} of {one.among:,}"
                yield _Row(images, f"{one.region} / {one.label}", note)

    # ---- drawing ---------------------------------------------------------------------------------

    def _page(
        self, rows: Sequence[_Row], height: int, read: ReadImage, *, is_first: bool
    ) -> Image.Image:
        page = Image.new("L", (WIDTH, height), _PAPER)
        draw = ImageDraw.Draw(page)
        top = _MARGIN
        if is_first:
            _write(draw, (_MARGIN, top), self.text.title, _TITLE, _INK)
            top += _line(_TITLE)
            for line in self.text.lines:
                _write(draw, (_MARGIN, top), line, _TEXT, _QUIET)
                top += _line(_TEXT)
            top += 2 * _GAP
        for row in rows:
            self._draw_row(page, draw, row, top, read)
            top += self._height_of(row)
        return page

    def _draw_row(
        self, page: Image.Image, draw: ImageDraw.ImageDraw, row: _Row, top: int, read: ReadImage
    ) -> None:
        if row.note:
            top += _GAP
            end = _write(draw, (_MARGIN, top), row.label, _HEADING, _INK)
            note_top = top + _HEADING - _TEXT  # on the same base line
            _write(draw, (end + 2 * _GAP, note_top), row.note, _TEXT, _QUIET)
            top += _line(_HEADING) + _GAP
        for column, image in enumerate(row.images):
            left = _MARGIN + column * (self._cell + _GAP)
            picture = _fitted(read(image), self._cell)
            page.paste(picture, (left, top + self._cell - picture.height))  # next to its caption
            below = top + self._cell + 3
            for line in (image.prompt_id, f"seed {image.seed}"):
                _write(draw, (left, below), line, self._caption, _QUIET, self._cell)
                below += _line(self._caption)


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """``image``, in its shape, as large as a square of ``side`` pixels allows."""
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _write(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    size: int,
    ink: int,
    width: int = WIDTH - 2 * _MARGIN,
) -> float:
    """Write ``text``, cut to ``width`` pixels in its middle; returns where it ends."""
    font = _font(size)
    # The font has no other letters; without this, each would be an empty box.
    text = clean(text).encode("latin-1", "replace").decode("latin-1")
    shown = text
    if font.getlength(text) > width:
        fitting = bisect(range(len(text)), width, key=lambda n: int(font.getlength(_cut(text, n))))
        shown = _cut(text, max(1, fitting - 1))
    draw.text(place, shown, ink, font)
    return place[0] + font.getlength(shown)


def _cut(text: str, kept: int) -> str:
    """``text`` without all but ``kept`` letters, of which half are at its end."""
    return f"{text[: kept - kept // 2]}...{text[len(text) - kept // 2 :]}"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _line(size: int) -> int:
    """Pixels from one line to the next."""
    return round(size * _LEADING)
