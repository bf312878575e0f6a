"""Draws pictures off the UI thread: the latest request wins, and drawings of files are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PIL import Image

from xray_tui.errors import DatasetError
from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.scaling import fit
from xray_tui.tui.pictures.sources import Source
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.pictures.view import FIT, View, apply

KEPT = 12
"""Drawings kept, so that going back and forth between a few images costs nothing."""

KEPT_PIXELS = 16_000_000
"""Pixels kept of pictures that were read, so that another zoom or window needs no file."""

BYTES_PER_SECOND = 400_000
"""How much live pictures may send: 3 to 8 frames a second. The app often runs on a distant server,
and bytes that wait on the line to the terminal delay the response to every key."""


@dataclass(frozen=True)
class Request:
    """A picture to draw, and the space for it."""

    source: Source
    columns: int
    rows: int
    view: View
    renderer: Renderer
    cell: CellSize

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for requests with the same result, if their source is lasting."""
        return (self.source.key, self.columns, self.rows, self.view, self.renderer, self.cell)


@dataclass(frozen=True, eq=False)
class Rendered:
    """A drawing, and facts about the whole picture, even if only a part of it is drawn."""

    drawing: Drawing
    size: tuple[int, int]
    """Width and height of the picture in pixels."""
    histogram: tuple[int, ...]
    """How many pixels have each of the 256 greys."""


@dataclass(frozen=True, eq=False)
class _Loaded:
    """A picture that was read, in mode L."""

    picture: Image.Image
    histogram: tuple[int, ...]

    @property
    def pixels(self) -> int:
        return self.picture.width * self.picture.height


class RenderWorker:
    """A slot for one waiting request, and the loop of the thread that serves it.

    ``start`` must run :meth:`work` in a thread; ``done`` is called with each request and its
    result: the rendered picture, or a sentence that says why it failed. It is called in the
    thread, or at once if the drawing was kept.
    """

    def __init__(
        self, start: Callable[[], object], done: Callable[[Request, Rendered | str], object]
    ) -> None:
        self._start = start
        self._done = done
        self._lock = threading.Lock()
        self._waiting: Request | None = None
        self._next: list[Request] = []
        self._working = False
        self._urgent = threading.Event()
        self._kept: OrderedDict[tuple[object, ...], Rendered] = OrderedDict()
        self._read: OrderedDict[Hashable, _Loaded] = OrderedDict()

    def request(self, request: Request) -> None:
        """Draw ``request`` next. It replaces a request that is still waiting."""
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
        """Draw ``requests`` when there is nothing else to do, and keep the drawings."""
        with self._lock:
            self._next = [request for request in requests if request.key not in self._kept]
        if self._next:
            self._wake()

    def _wake(self) -> None:
        with self._lock:
            started, self._working = self._working, True
        if not started:
            self._start()

    def work(self) -> None:
        """Serve requests until none is waiting."""
        while True:
            with self._lock:
                request, self._waiting = self._waiting, None
                ahead = None if request or not self._next else self._next.pop(0)
                if request is None and ahead is None:
                    self._working = False
                    return
            if request is not None:
                result = self._render(request)
                self._done(request, result)
                self._limit_rate(request, result)
            elif ahead is not None:
                self._render(ahead)

    def _limit_rate(self, request: Request, result: Rendered | str) -> None:
        """Wait as long as sending a live picture takes; frames that arrive meanwhile are skipped.

        The wait ends early when the user wants to see another picture.
        """
        self._urgent.clear()
        if not request.source.lasting and isinstance(result, Rendered):
            with self._lock:
                if self._waiting is not None and self._waiting.source.lasting:
                    return
            self._urgent.wait(result.drawing.transfer_bytes / BYTES_PER_SECOND)

    def _render(self, request: Request) -> Rendered | str:
        if kept := self._recall(request):
            return kept
        try:
            loaded = self._load(request.source)
            drawing = _draw(loaded.picture, request)
        except DatasetError as error:
            return str(error)
        except Exception as error:
            return f"cannot be shown ({type(error).__name__}: {error})"
        rendered = Rendered(drawing, loaded.picture.size, loaded.histogram)
        if request.source.lasting:
            with self._lock:
                self._kept[request.key] = rendered
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return rendered

    def _recall(self, request: Request) -> Rendered | None:
        with self._lock:
            kept = self._kept.get(request.key)
            if kept is not None:
                self._kept.move_to_end(request.key)
            return kept

    def _load(self, source: Source) -> _Loaded:
        if source.lasting and source.key in self._read:
            self._read.move_to_end(source.key)
            return self._read[source.key]
        picture = source.load()
        loaded = _Loaded(picture, tuple(picture.histogram()))
        if source.lasting:
            self._read[source.key] = loaded
            while sum(kept.pixels for kept in self._read.values()) > KEPT_PIXELS:
                self._read.popitem(last=False)
        return loaded


def _draw(picture: Image.Image, request: Request) -> Drawing:
    renderer, cell, greys = request.renderer, request.cell, request.source.greys
    box, pixels = (request.columns, request.rows), renderer.pixels_in(cell)
    seen = apply(picture, request.view, box, pixels)
    if request.view.zoom == FIT:
        columns, rows = fit(seen.size, box, cell)
    else:
        columns, rows = seen.width // pixels.width, seen.height // pixels.height
    return renderer.draw(seen, columns, rows, cell, greys)
