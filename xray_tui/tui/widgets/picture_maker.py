"""Makes drawings off the UI thread: the latest request wins, and what lasts is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from xray_tui.errors import DatasetError
from xray_tui.tui.drawing import Drawing, draw, invert
from xray_tui.tui.picture_sources import Source
from xray_tui.tui.pictures import CellSize, PictureMode

KEPT = 12
"""Drawings kept: going back and forth between a few images costs nothing."""

BYTES_PER_SECOND = 400_000
"""What live pictures may take of the line, often one to a distant server: some 3 to 8 frames a
second. What waits on the way there delays the answer to every key."""


@dataclass(frozen=True)
class Request:
    """What to draw, and for which space."""

    source: Source
    columns: int
    rows: int
    inverted: bool
    mode: PictureMode
    cell: CellSize

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for requests with the same result, if their source is lasting."""
        return (
            self.source.key, self.columns, self.rows, self.inverted, self.mode, self.cell
        )  # fmt: skip


class PictureMaker:
    """A slot for one waiting request, and the loop of the thread that serves it.

    ``start`` must run :meth:`work` in a thread; ``done`` is called there with each result: the
    request and its drawing, or a sentence that says why there is none.
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

    def request(self, request: Request, *then: Request) -> None:
        """Draw ``request`` next, in place of one that still waits; ``then`` is drawn to be kept."""
        with self._lock:
            self._waiting, self._next = request, list(then)
            started, self._working = self._working, True
            if request.source.lasting:
                self._urgent.set()
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
        if (kept := self._kept.get(request.key)) is not None:
            self._kept.move_to_end(request.key)
            return kept
        try:
            drawing = _draw(request)
        except DatasetError as error:
            return str(error)
        except Exception as error:
            return f"cannot be shown ({type(error).__name__}: {error})"
        if request.source.lasting:
            self._kept[request.key] = drawing
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return drawing


def _draw(request: Request) -> Drawing:
    picture = request.source.load()
    if request.inverted:
        picture = invert(picture)
    box = (request.columns, request.rows)
    return draw(picture, box, request.mode, request.cell, request.source.greys)
