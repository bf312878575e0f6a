"""A sign that is shown for a moment after each decision, in the title of an image."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from xray_tui.dataset.opinions import Decision
from xray_tui.tui.review.gallery.cells import SIGNS
from xray_tui.tui.review.gallery.grid import FLASH_SECONDS

_STYLES: dict[Decision, str] = {
    "accepted": "$text-success reverse",
    "rejected": "$text-error reverse",
    "undecided": "$text-muted reverse",
}


class Flash:
    """Keeps the last decision for a moment; ``changed`` shows the title of ``widget`` again."""

    def __init__(self, widget: Widget, changed: Callable[[], object]) -> None:
        self._widget = widget
        self._changed = changed
        self._decision: Decision | None = None
        self._timer: Timer | None = None

    def show(self, decision: Decision) -> None:
        """Show ``decision`` from now on, for a moment."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._widget.set_timer(FLASH_SECONDS, self._end)
        self._decision = decision
        self._changed()

    def _end(self) -> None:
        self._decision = None
        self._changed()

    def next_to(self, title: str, width: int) -> Content:
        """``title`` in ``width`` columns, with the decision at their right end while it lasts."""
        if self._decision is None:
            return Content(title)
        text = f" {SIGNS[self._decision]} {self._decision} "
        left = Content(title).truncate(max(0, width - len(text)), ellipsis=True, pad=True)
        return Content.assemble(left, (text, _STYLES[self._decision]))
