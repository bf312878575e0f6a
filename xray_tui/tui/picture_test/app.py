"""Shows a test picture in the same way as any image, and asks whether it looks right."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image, ImageDraw
from textual.app import ComposeResult
from textual.events import Key
from textual.widgets import Static

from xray_tui.config import Settings
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS
from xray_tui.tui.stylesheet import stylesheet_for

_SIDE = 256
_STEPS = 16
_WHITE = 255
QUESTION = "Does the picture look right? y yes · n no · esc skip"
_EXPECTED = (
    "You should see a white frame with all four edges, a round circle, and below it "
    f"{_STEPS} greys from black to white."
)


@dataclass(frozen=True)
class Sample:
    """A frame, a circle and a ramp of greys."""

    lasting: bool = True
    greys: int = MAX_GREYS

    @property
    def key(self) -> Hashable:
        return "test picture"

    def load(self) -> Image.Image:
        return drawn()


def drawn() -> Image.Image:
    """The test picture, in mode L."""
    picture = Image.new("L", (_SIDE, _SIDE))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((64, 24, 192, 152), outline=_WHITE, width=8)
    width = (_SIDE - 32) // _STEPS
    for step in range(_STEPS):
        left = 16 + step * width
        draw.rectangle((left, 184, left + width - 1, 232), fill=_WHITE * step // (_STEPS - 1))
    draw.rectangle((15, 183, _SIDE - 16, 233), outline=_WHITE // 2)
    draw.rectangle((0, 0, _SIDE - 1, _SIDE - 1), outline=_WHITE, width=4)
    return picture


class PictureTest(BaseApp):
    """Asks whether the test picture looks right; ``answer`` is None if the question is skipped."""

    CSS = stylesheet_for(__file__)
    _ANSWERS: ClassVar[dict[str, bool | None]] = {"y": True, "n": False, "escape": None, "q": None}

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.answer: bool | None = None

    def compose(self) -> ComposeResult:
        yield Static(_EXPECTED, markup=False)
        yield PictureView()
        yield Static(QUESTION, markup=False, id="question")

    def on_mount(self) -> None:
        self.query_one(PictureView).show(Sample())

    def on_key(self, event: Key) -> None:
        """Take the answer and end."""
        if event.key in self._ANSWERS:
            event.stop()
            self.answer = self._ANSWERS[event.key]
            self.exit()
