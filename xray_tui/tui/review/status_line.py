"""The line below the images: which one of how many, what is done, and what is shown."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xray_tui.text import clean


@dataclass(frozen=True)
class ReviewState:
    """What the line tells."""

    place: int
    """1 for the first; 0 where there is none."""
    shown: int
    """Images that match the query."""
    marked: int
    accepted: int
    """Of all images of the dataset, by this reviewer; as ``rejected``."""
    rejected: int
    left: int
    """Images this reviewer has not decided on."""
    reviewer: str
    query: str = ""
    group: str = ""
    """Which group of near duplicates is shown."""
    judges_marked: bool = True
    """Whether a key goes for those that are marked: else for the image looked at."""
    auto_advance: bool = True
    unseen: int = 0
    """Images made since the list was read."""


class ReviewStatus(Static):
    """One line; what does not fit is left out, the least important first."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._state: ReviewState | None = None

    def show(self, state: ReviewState) -> None:
        """Tell this."""
        if state != self._state:
            self._state = state
            self._write()

    def on_resize(self) -> None:
        """What fits may have changed."""
        self._write()

    def _write(self) -> None:
        if self._state is not None:
            room = max(0, self.scrollable_content_region.width)
            self.update(status_line(self._state, room), layout=False)


def status_line(state: ReviewState, width: int) -> Content:
    """``state`` in at most ``width`` columns."""
    parts: list[tuple[str, str, int]] = [  # text, style, the higher the sooner left out
        (f"{state.place:,}/{state.shown:,}", "bold", 0),
        (f"✓ {state.accepted:,}", "$text-success", 1),
        (f"✗ {state.rejected:,}", "$text-error", 1),
        (f"{state.left:,} left", "", 1),
    ]
    if state.marked:
        marked = f"{state.marked:,} marked"
        text = marked if state.judges_marked else f"this image only, not the {marked}"
        parts.append((text, "bold $text-accent", 0))
    if state.group:
        parts.append((state.group, "bold $text-accent", 0))
    if state.query:
        parts.append((clean(state.query), "$text-accent", 3))
    if state.unseen:
        parts.append((f"{state.unseen:,} new: F5", "$text-warning", 2))
    if not state.auto_advance:
        parts.append(("stays after a decision", "$text-muted", 4))
    parts.append((clean(state.reviewer), "$text-muted", 5))
    while len(parts) > 1 and _width(parts) > width:
        parts.remove(max(parts, key=lambda part: part[2]))
    pieces: list[tuple[str, str]] = []
    for text, style, _ in parts:
        pieces += [(" · ", "$text-muted")] * bool(pieces) + [(text, style)]
    return Content.assemble(*pieces).truncate(width, ellipsis=True)


def _width(parts: list[tuple[str, str, int]]) -> int:
    return sum(cell_len(text) for text, _, _ in parts) + 3 * (len(parts) - 1)
