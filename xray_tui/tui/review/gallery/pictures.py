"""Draws the pictures of the gallery off the UI thread, those in view first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from PIL import Image

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.scaling import fit
from xray_tui.tui.pictures.terminal_query import CellSize

KEPT_CELLS = 125_000
"""Limit for all pictures kept in memory, in cells of the terminal: about ten pages."""

_GREYS = [round((value >> 2) * 255 / 63) for value in range(256)]
"""64 greys are enough for a thumbnail. They halve the bytes sent to the terminal, because more
neighbouring cells have the same grey."""

_GRAPHIC_GREYS = 16
"""As pixels, 16 look much the same, with 60 % of the bytes of 32; 12 show as steps."""

_DIMMED = 0.3


@dataclass
class Thumbnail:
    """A picture for ``columns`` × ``rows`` cells."""

    picture: Image.Image
    columns: int
    rows: int
    renderer: Renderer
    cell: CellSize
    _drawn: dict[int | None, Drawing] = field(default_factory=dict)

    def drawing(self, background: int | None) -> Drawing:
        """The picture, faded into ``background``, a grey, unless that is None."""
        if background not in self._drawn:
            self._drawn[background] = self._draw(background)
        return self._drawn[background]

    def _draw(self, background: int | None) -> Drawing:
        picture = self.picture
        if background is not None:
            picture = _faded(picture, self.renderer.background(background))
        return self.renderer.draw(picture, self.columns, self.rows, self.cell, _GRAPHIC_GREYS)


def _faded(picture: Image.Image, background: int) -> Image.Image:
    return picture.point([round(background + (grey - background) * _DIMMED) for grey in range(256)])


class PictureKey(NamedTuple):
    """The image and the box it is drawn for. Neither fading nor a new label changes the picture."""

    record_id: int
    box: tuple[int, int]
    renderer: Renderer
    cell: CellSize

    @property
    def pixels(self) -> int:
        """Pixels that the longer side of a picture may have in the box."""
        pixels = self.renderer.pixels_in(self.cell)
        return max(self.box[0] * pixels.width, self.box[1] * pixels.height)


@dataclass(frozen=True)
class PictureRequest:
    """A picture to draw, and the grey it fades into (None for no fading)."""

    row: GalleryRow
    key: PictureKey
    background: int | None


class ThumbnailLoader:
    """A list of requested pictures, and the loop of the thread that draws them.

    ``thumbnail`` loads the picture of a row, with at least this number of pixels along its longer
    side if the image has them; ``start`` must run :meth:`work` in a thread; ``done``
    is called in that thread after each picture. The other methods may be called from any thread.
    """

    def __init__(
        self,
        thumbnail: Callable[[GalleryRow, int], Image.Image],
        start: Callable[[], object],
        done: Callable[[], object],
    ) -> None:
        self._thumbnail = thumbnail
        self._start = start
        self._done = done
        self._lock = threading.Lock()
        self._requests: list[PictureRequest] = []
        self._working = False
        self._kept: OrderedDict[PictureKey, Thumbnail | str] = OrderedDict()
        self._cells = 0
        self._finished: list[int] = []

    def request(self, requests: Sequence[PictureRequest]) -> None:
        """Draw these pictures, in this order. All earlier requests are dropped."""
        with self._lock:
            self._requests = [request for request in requests if request.key not in self._kept]
            self._requests.reverse()  # the thread pops from the end
            idle = bool(self._requests) and not self._working
            self._working = self._working or idle
        if idle:
            self._start()

    def get(self, request: PictureRequest) -> Thumbnail | str | None:
        """The picture, a message that says why there is none, or None if it is not drawn yet."""
        with self._lock:
            if (found := self._kept.get(request.key)) is not None:
                self._kept.move_to_end(request.key)
            return found

    def take_finished(self) -> list[int]:
        """Records whose pictures were finished since the last call."""
        with self._lock:
            finished, self._finished = self._finished, []
        return finished

    def forget_failures(self, ids: frozenset[int]) -> None:
        """Try unreadable files of ``ids`` again when next requested: they may be repaired."""
        with self._lock:
            for key in [key for key, kept in self._kept.items() if isinstance(kept, str)]:
                if key.record_id in ids:
                    self._cells -= _cells(key, self._kept.pop(key))

    def work(self) -> None:
        """Draw pictures until no request is left."""
        while True:
            with self._lock:
                if not self._requests:
                    self._working = False
                    return
                request = self._requests.pop()
            result = self._draw(request)
            with self._lock:
                self._keep(request, result)
                self._finished.append(request.row.record_id)
            self._done()

    def _draw(self, request: PictureRequest) -> Thumbnail | str:
        try:
            thumbnail = _fitted(self._thumbnail(request.row, request.key.pixels), request.key)
        except DatasetError as error:
            file = PurePath(request.row.file).name
            return clean(str(error).removeprefix(f"{file}: "))
        except Exception as error:
            return clean(f"cannot be shown ({type(error).__name__}: {error})")
        thumbnail.drawing(request.background)  # drawn here, not in the UI thread
        return thumbnail

    def _keep(self, request: PictureRequest, result: Thumbnail | str) -> None:
        self._kept[request.key] = result
        self._cells += _cells(request.key, result)
        while self._cells > KEPT_CELLS and len(self._kept) > 1:
            self._cells -= _cells(*self._kept.popitem(last=False))


def _fitted(picture: Image.Image, key: PictureKey) -> Thumbnail:
    columns, rows = fit(picture.size, key.box, key.cell)
    reduced = key.renderer.reduced(picture, columns, rows, key.cell).point(_GREYS)
    return Thumbnail(reduced, columns, rows, key.renderer, key.cell)


def _cells(key: PictureKey, kept: Thumbnail | str) -> int:
    return key.box[0] * key.box[1] if isinstance(kept, Thumbnail) else 1
