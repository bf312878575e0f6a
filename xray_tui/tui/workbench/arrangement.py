"""Where the panes are, at every size of the terminal: the workbench, and the frames before it."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from xray_tui.tui.stylesheet import stylesheet_for


class Arrangement(Screen[None]):
    """Lays out five panes; how large each is follows from the size of the terminal."""

    DEFAULT_CSS = stylesheet_for(__file__)
    # Textual declares both as instance variables, so ClassVar is refused.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def arranged(self, panes: Sequence[Widget]) -> ComposeResult:
        """The panes in their places: prompts, parameters, preview, queue, log."""
        names = ("prompts", "parameters", "preview", "queue", "log")
        for pane, name in zip(panes, names, strict=True):
            pane.add_class(name)
        prompts, parameters, preview, queue, log = panes
        yield Horizontal(Vertical(prompts, parameters, id="left"), preview, id="top")
        yield Horizontal(queue, log, id="bottom")
