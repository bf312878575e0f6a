"""Makes drawings off the UI thread: the latest request wins, and what lasts is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace

from PIL import Image

from xray_tui.errors import DatasetError
from xray_tui.tui.pictures.drawing import Drawing, Whole, draw, draw_in, drawn_pixels
from xray_tui.tui.pictures.sources import Source
from xray_tui.tui.pictures.terminal import CellSize, PictureMode
from xray_tui.tui.pictures.view import FIT, View, apply

KEPT = 12
"""Drawings kept: going back and forth between a few images costs nothing."""

KEPT_PIXELS = 16_000_000
"""Pixels kept of pictures that were read: another zoom or window needs no file."""

BYTES_PER_SECOND = 400_000
"""What live pictures may take of the line, often one to a distant server: some 3 to 8 frames a
second. What waits on the way there delays the answer to every key."""


@dataclass(frozen=True)
class Request:
    """What to draw, and for which space."""

    source: Source
    columns: int
    rows: int
    view: View
    mode: PictureMode
    cell: CellSize

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for requests with the same result, if their source is lasting."""
        return (self.source.key, self.columns, self.rows, self.view, self.mode, self.cell)


class PictureMaker:
    """A slot for one waiting request, and the loop of the thread that serves it.

    ``start`` must run :meth:`work` in a thread; ``done`` is called with each result: the request
    and its drawing, or a sentence that says why there is none. That is in the thread, or at once
    where the drawing was kept.
    """

    def __init__(
        self, start: Callable[[], object], done: Callable[[Request, Drawing | str], object]
    ) -> None:
        self._start = start
        self._done = done
        self._lock = threading.Lock()
        self._waiting: Request | None = None
        self._next: list[Request] = []
        self._working = False
        self._urgent = threading.Event()
        self._kept: OrderedDict[tuple[object, ...], Drawing] = OrderedDict()
        self._read: OrderedDict[Hashable, tuple[Image.Image, Whole]] = OrderedDict()

    def request(self, request: Request) -> None:
        """Draw ``request`` next, in place of one that still waits."""
        if request.source.lasting:
            self._urgent.set()
        kept = self._recall(request)
        with self._lock:
            self._waiting, self._next = (None if kept else request), []
        if kept:
            self._done(request, kept)
        else:
            self._wake()

    def prepare(self, *requests: Request) -> None:
        """Draw ``requests`` as soon as there is nothing else to do, to be kept."""
        with self._lock:
            self._next = [one for one in requests if one.key not in self._kept]
        if self._next:
            self._wake()

    def _wake(self) -> None:
        with self._lock:
            started, self._working = self._working, True
        if not started:
            self._start()

    def work(self) -> None:
        """Serve requests until none waits."""
        while True:
            with self._lock:
                request, self._waiting = self._waiting, None
                ahead = None if request or not self._next else self._next.pop(0)
                if request is None and ahead is None:
                    self._working = False
                    return
            if request is not None:
                drawing = self._make(request)
                self._done(request, drawing)
                self._spare_the_line(request, drawing)
            elif ahead is not None:
                self._make(ahead)

    def _spare_the_line(self, request: Request, drawing: Drawing | str) -> None:
        """Wait as long as a live picture needs on the line; frames that come meanwhile are skipped.

        A picture that the user wants to see ends the wait.
        """
        self._urgent.clear()
        if not request.source.lasting and isinstance(drawing, Drawing):
            with self._lock:
                if self._waiting is not None and self._waiting.source.lasting:
                    return
            self._urgent.wait(drawing.transfer_bytes / BYTES_PER_SECOND)

    def _make(self, request: Request) -> Drawing | str:
        if kept := self._recall(request):
            return kept
        try:
            picture, whole = self._load(request.source)
            drawing = replace(_draw(picture, request), whole=whole)
        except DatasetError as error:
            return str(error)
        except Exception as error:
            return f"cannot be shown ({type(error).__name__}: {error})"
        if request.source.lasting:
            with self._lock:
                self._kept[request.key] = drawing
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return drawing

    def _recall(self, request: Request) -> Drawing | None:
        with self._lock:
            kept = self._kept.get(request.key)
            if kept is not None:
                self._kept.move_to_end(request.key)
            return kept

    def _load(self, source: Source) -> tuple[Image.Image, Whole]:
        if source.lasting and source.key in self._read:
            self._read.move_to_end(source.key)
            return self._read[source.key]
        picture = source.load()
        result = (picture, Whole(picture.size, tuple(picture.histogram())))
        if source.lasting:
            self._read[source.key] = result
            while sum(_pixels(one) for one, _ in self._read.values()) > KEPT_PIXELS:
                self._read.popitem(last=False)
        return result


def _pixels(picture: Image.Image) -> int:
    return picture.width * picture.height


def _draw(picture: Image.Image, request: Request) -> Drawing:
    box, cell = (request.columns, request.rows), drawn_pixels(request.mode, request.cell)
    seen = apply(picture, request.view, box, cell)
    if request.view.zoom == FIT:
        return draw(seen, box, request.mode, request.cell, request.source.greys)
    cells = (seen.width // cell.width, seen.height // cell.height)
    return draw_in(seen, cells, request.mode, request.cell, request.source.greys)
