"""The line below the images: the current position, the counts of decisions, and the filter."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xray_tui.text import clean


@dataclass(frozen=True)
class ReviewState:
    """The values that the line shows."""

    place: int
    """Position of the current image, from 1; 0 if there is none."""
    shown: int
    """Images in the list."""
    marked: int
    accepted: int
    """Images of the dataset that this reviewer has accepted."""
    rejected: int
    """Images of the dataset that this reviewer has rejected."""
    left: int
    """Images of the dataset that this reviewer has not decided on."""
    reviewer: str
    query: str = ""
    group: str = ""
    """Which group of near duplicates is shown, and its keys."""
    judges_marked: bool = True
    """Whether a key applies to the marked images; otherwise to the current one."""
    auto_advance: bool = True
    unseen: int = 0
    """Images generated since the list was read."""


class ReviewStatus(Static):
    """One line; if it is too long, the least important parts are left out."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._state: ReviewState | None = None

    def show(self, state: ReviewState) -> None:
        """Show ``state``."""
        if state != self._state:
            self._state = state
            self._write()

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self._write()

    def _write(self) -> None:
        if self._state is not None:
            room = max(0, self.scrollable_content_region.width)
            self.update(status_line(self._state, room), layout=False)


def status_line(state: ReviewState, width: int) -> Content:
    """``state`` as text of at most ``width`` columns."""
    parts: list[tuple[str, str, int]] = [  # text, style, order: the highest are left out first
        (f"{state.place:,}/{state.shown:,}", "bold", 0),
        (f"✓ {state.accepted:,}", "$text-success", 1),
        (f"✗ {state.rejected:,}", "$text-error", 1),
        (f"{state.left:,} left", "", 1),
    ]
    if state.marked:
        marked = f"{state.marked:,} marked"
        text = marked if state.judges_marked else f"Applies to this image only ({marked})"
        parts.append((text, "bold $text-accent", 0))
    if state.group:
        parts.append((state.group, "bold $text-accent", 0))
    if state.query:
        parts.append((clean(state.query), "$text-accent", 3))
    if state.unseen:
        parts.append((f"{state.unseen:,} new, F5 to load", "$text-warning", 2))
    if not state.auto_advance:
        parts.append(("Auto-advance off", "$text-muted", 4))
    parts.append((clean(state.reviewer), "$text-muted", 5))
    while len(parts) > 1 and _width(parts) > width:
        parts.remove(max(parts, key=lambda part: part[2]))
    pieces: list[tuple[str, str]] = []
    for text, style, _ in parts:
        pieces += [(" · ", "$text-muted")] * bool(pieces) + [(text, style)]
    return Content.assemble(*pieces).truncate(width, ellipsis=True)


def _width(parts: list[tuple[str, str, int]]) -> int:
    return sum(cell_len(text) for text, _, _ in parts) + 3 * (len(parts) - 1)
