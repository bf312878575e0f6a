"""The pictures of the gallery, made off the UI thread: what is in view first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from PIL import Image
from textual.strip import Strip

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.pictures.renderers.renderer import CharacterRenderer
from xray_tui.tui.pictures.scaling import fit
from xray_tui.tui.pictures.terminal_query import CellSize

KEPT_PIXELS = 250_000
"""Of all pictures that are kept: some ten pages."""

_GREYS = [round((value >> 2) * 255 / 63) for value in range(256)]
"""64 greys are enough for a thumbnail, and take half the bytes on the line: more neighbours of the
same grey are sent as one."""

_DIMMED = 0.3


@dataclass
class Thumbnail:
    """A picture in the size of its cell, in characters."""

    picture: Image.Image
    renderer: CharacterRenderer
    _drawn: dict[int | None, list[Strip]] = field(default_factory=dict)

    def strips(self, ground: int | None) -> list[Strip]:
        """The lines of the picture. With ``ground``, a grey, it is faded into that."""
        if ground not in self._drawn:
            self._drawn[ground] = self._draw(ground)
        return self._drawn[ground]

    def _draw(self, ground: int | None) -> list[Strip]:
        picture = self.picture
        if ground is not None:
            picture = _faded(picture, self.renderer.background(ground))
        return self.renderer.strips(picture)


def _faded(picture: Image.Image, ground: int) -> Image.Image:
    return picture.point([round(ground + (grey - ground) * _DIMMED) for grey in range(256)])


class PictureKey(NamedTuple):
    """Which image, and for which room. Neither fading nor a new label changes the picture."""

    record_id: int
    box: tuple[int, int]
    renderer: CharacterRenderer
    cell: CellSize


@dataclass(frozen=True)
class Wanted:
    """A picture to be made, and the grey it is to be faded into."""

    row: GalleryRow
    key: PictureKey
    ground: int | None


class ThumbnailLoader:
    """A list of pictures that are wanted, and the loop of the thread that makes them.

    ``thumbnail`` loads the picture of a row, ``start`` must run :meth:`work` in a thread, ``done``
    is called there after each picture.
    """

    def __init__(
        self,
        thumbnail: Callable[[GalleryRow], Image.Image],
        start: Callable[[], object],
        done: Callable[[], object],
    ) -> None:
        self._thumbnail = thumbnail
        self._start = start
        self._done = done
        self._lock = threading.Lock()
        self._wanted: list[Wanted] = []
        self._working = False
        self._kept: OrderedDict[PictureKey, Thumbnail | str] = OrderedDict()
        self._pixels = 0
        self._news: list[int] = []

    def want(self, wanted: Sequence[Wanted]) -> None:
        """Make these, in this order. What was wanted before and isn't in here is given up."""
        with self._lock:
            self._wanted = [one for one in wanted if one.key not in self._kept]
            self._wanted.reverse()  # taken from its end
            idle = bool(self._wanted) and not self._working
            self._working = self._working or idle
        if idle:
            self._start()

    def get(self, wanted: Wanted) -> Thumbnail | str | None:
        """The picture, a sentence that says why there is none, or None if it isn't made yet."""
        with self._lock:
            if (found := self._kept.get(wanted.key)) is not None:
                self._kept.move_to_end(wanted.key)
            return found

    def news(self) -> list[int]:
        """Records whose pictures were made since the last call."""
        with self._lock:
            news, self._news = self._news, []
        return news

    def forget_failures(self, ids: frozenset[int]) -> None:
        """Try those of ``ids`` again that could not be read; somebody may have mended them."""
        with self._lock:
            for key in [key for key, kept in self._kept.items() if isinstance(kept, str)]:
                if key.record_id in ids:
                    self._pixels -= _pixels(self._kept.pop(key))

    def work(self) -> None:
        """Make pictures until none is wanted."""
        while True:
            with self._lock:
                if not self._wanted:
                    self._working = False
                    return
                wanted = self._wanted.pop()
            made = self._make(wanted)
            with self._lock:
                self._keep(wanted, made)
                self._news.append(wanted.row.record_id)
            self._done()

    def _make(self, wanted: Wanted) -> Thumbnail | str:
        try:
            thumbnail = _fitted(self._thumbnail(wanted.row), wanted)
        except DatasetError as error:
            file = PurePath(wanted.row.file).name
            return clean(str(error).removeprefix(f"{file}: "))
        except Exception as error:
            return clean(f"cannot be shown ({type(error).__name__}: {error})")
        thumbnail.strips(wanted.ground)  # now, so that the UI thread needn't
        return thumbnail

    def _keep(self, wanted: Wanted, made: Thumbnail | str) -> None:
        self._kept[wanted.key] = made
        self._pixels += _pixels(made)
        while self._pixels > KEPT_PIXELS and len(self._kept) > 1:
            self._pixels -= _pixels(self._kept.popitem(last=False)[1])


def _fitted(picture: Image.Image, wanted: Wanted) -> Thumbnail:
    columns, rows = fit(picture.size, wanted.key.box, wanted.key.cell)
    renderer = wanted.key.renderer
    return Thumbnail(renderer.scaled(picture, columns, rows).point(_GREYS), renderer)


def _pixels(made: Thumbnail | str) -> int:
    return made.picture.width * made.picture.height if isinstance(made, Thumbnail) else 1
