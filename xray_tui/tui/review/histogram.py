"""A histogram of the greys of an image, and the window in it."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from xray_tui.tui.stylesheet import stylesheet_for

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_EDGE = "│"


class Histogram(Widget):
    """Bars from black to white, one per column; those inside the window stand out.

    Heights are square roots of the counts: a radiograph has so much black that all other bars would
    be too low to see.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "histogram--inside",
        "histogram--outside",
        "histogram--edge",
    }

    def __init__(self) -> None:
        super().__init__()
        self._counts: tuple[int, ...] = ()
        self._edges = (0, 255)

    def show(self, counts: Sequence[int], edges: tuple[int, int]) -> None:
        """Show the number of pixels of each of the 256 greys, or no bars if ``counts`` is empty.

        ``edges`` are the darkest and the brightest grey of the window.
        """
        if (tuple(counts), edges) != (self._counts, self._edges):
            self._counts, self._edges = tuple(counts), edges
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of all bars."""
        width, height = self.size
        if not self._counts or not width:
            return Strip.blank(width, self.rich_style)
        low, high = (edge * width // 256 for edge in self._edges)
        segments = []
        for place, bar in enumerate(bars(self._counts, width, 8 * height)):
            char = _EIGHTHS[min(max(bar - 8 * (height - 1 - y), 0), 8)]
            part = "inside" if low < place < high else "outside"
            if place in (low, high):
                char, part = (_EDGE if char == " " else char), "edge"
            segments.append(Segment(char, self.get_component_rich_style(f"histogram--{part}")))
        return Strip(segments, width)


def bars(counts: Sequence[int], number: int, height: int) -> list[int]:
    """The heights of ``number`` bars, up to ``height``; at least 1 unless there are no pixels."""
    sums = [0] * number
    for grey, count in enumerate(counts):
        sums[grey * number // len(counts)] += count
    most = max(sums)
    return [max(1, round(height * sqrt(count / most))) if count else 0 for count in sums]
