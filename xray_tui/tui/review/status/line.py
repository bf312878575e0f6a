"""The line below the images: the current position, the counts of decisions, and the filter."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xray_tui.generation.progress import about
from xray_tui.keymap import key_of
from xray_tui.text import clean
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.terminal import default_renderer


@dataclass(frozen=True)
class Counts:
    """How many images this reviewer has decided on."""

    accepted: int
    """Images of the dataset, as ``rejected`` and ``left``."""
    rejected: int
    left: int
    """Images without a decision."""
    here: int | None = None
    """Images of the list without a decision; None if the list has all images."""


@dataclass(frozen=True)
class ReviewState:
    """The values that the line shows."""

    place: int
    """Position of the current image, from 1; 0 if there is none."""
    shown: int
    """Images in the list."""
    marked: int
    """Marked images of the list."""
    counts: Counts | None
    """None until they are known."""
    reviewer: str
    seconds_per_image: float | None = None
    """How fast the reviewer decides; None until that is known."""
    query: str = ""
    group: str = ""
    """Which group of near duplicates is shown, and its keys."""
    hidden_marks: int = 0
    """Marked images that the filter hides, or that are not in the group."""
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
        self._pictures = default_renderer().title

    def change_renderer(self, renderer: Renderer) -> None:
        """Name the renderer that draws pictures from now on."""
        self._pictures = renderer.title
        self._write()

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
            self.update(status_line(self._state, room, self._pictures), layout=False)


def status_line(state: ReviewState, width: int, pictures: str = "") -> Content:
    """``state`` as text of at most ``width`` columns; ``pictures`` says how these are drawn."""
    parts: list[tuple[str, str, int]] = [  # text, style, order: the highest are left out first
        (f"{state.place:,}/{state.shown:,}", "bold", 0),
    ]
    if state.counts is not None:
        parts += _count_parts(state.counts, state.seconds_per_image)
    if state.marked:
        marked = f"{state.marked:,} marked"
        text = marked if state.judges_marked else f"Applies to this image only ({marked})"
        parts.append((text, "bold $text-accent", 0))
    if state.hidden_marks:
        others = "more " * bool(state.marked)
        parts.append((f"{state.hidden_marks:,} {others}marked, not in this list", "$text-muted", 4))
    if state.group:
        parts.append((state.group, "bold $text-accent", 0))
    if state.query:
        parts.append((clean(state.query), "$text-accent", 3))
    if state.unseen:
        parts.append((f"{state.unseen:,} new, {key_of('refresh')} to load", "$text-warning", 3))
    if not state.auto_advance:
        parts.append(("Auto-advance off", "$text-muted", 5))
    parts.append((clean(state.reviewer), "$text-muted", 6))
    if pictures:
        parts.append((pictures, "$text-muted", 7))
    while len(parts) > 1 and _width(parts) > width:
        parts.remove(max(parts, key=lambda part: part[2]))
    pieces: list[tuple[str, str]] = []
    for text, style, _ in parts:
        pieces += [(" · ", "$text-muted")] * bool(pieces) + [(text, style)]
    return Content.assemble(*pieces).truncate(width, ellipsis=True)


def _count_parts(counts: Counts, seconds: float | None) -> list[tuple[str, str, int]]:
    parts = [
        (f"✓ {counts.accepted:,}", "$text-success", 2),
        (f"✗ {counts.rejected:,}", "$text-error", 2),
        (f"{counts.left:,} left", "", 1),
    ]
    if counts.here is not None:
        parts.append((f"{counts.here:,} undecided here", "", 3))
    left = counts.left if counts.here is None else counts.here
    if seconds:
        parts.append((pace_text(seconds, left), "$text-muted", 4))
    return parts


def pace_text(seconds: float, left: int) -> str:
    """The pace, and the time that the images ``left`` take: ``24/min, about 6 min``."""
    pace = f"{60 / max(seconds, 0.1):.0f}/min"
    return f"{pace}, {about(seconds * left)}" if left else pace


def _width(parts: list[tuple[str, str, int]]) -> int:
    return sum(cell_len(text) for text, _, _ in parts) + 3 * (len(parts) - 1)
