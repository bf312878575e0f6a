"""The protocol of all renderers. The rest of the app uses it, never a particular renderer."""

from __future__ import annotations

from typing import Protocol

from PIL import Image

from xray_tui.tui.pictures.renderers.drawing import Drawing
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply

MAX_CELLS = 297
"""The most columns or rows of a picture: kitty has no marks to number more."""

MAX_GREYS = 64
"""The most grey levels worth sending: Sixel has 101, but half as many are hard to tell apart."""


class Renderer(Protocol):
    """A way to draw a picture in a terminal. It keeps no state, so any thread may call it."""

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def title(self) -> str:
        """What it draws with, in words."""

    @property
    def needs_reply(self) -> bool:
        """Whether it needs the terminal's reply: graphics need to know the size of a cell."""

    def supported_by(self, reply: TerminalReply) -> bool:
        """Whether a terminal that gave this reply can show its drawings."""

    def remedy(self, reply: TerminalReply) -> str:
        """A sentence that says how to make such a terminal show them; empty if nobody knows."""

    def prepare(self) -> None:
        """Import modules that may only be imported before the app runs."""

    def pixels_in(self, cell: CellSize) -> CellSize:
        """How many pixels of a zoomed picture a cell shows."""

    def reduced(self, picture: Image.Image, columns: int, rows: int, cell: CellSize) -> Image.Image:
        """``picture`` without pixels that :meth:`draw` would not show in these cells."""

    def background(self, theme_grey: int) -> int:
        """The grey a faded picture blends into, on a theme whose background is ``theme_grey``."""

    def draw(
        self, picture: Image.Image, columns: int, rows: int, cell: CellSize, greys: int
    ) -> Drawing:
        """Scale ``picture`` (mode L) to exactly ``columns`` × ``rows`` cells and draw it.

        ``greys`` is the number of grey levels worth sending, 2 to ``MAX_GREYS``; not every renderer
        uses it. This takes time, so call it off the UI thread.
        """
