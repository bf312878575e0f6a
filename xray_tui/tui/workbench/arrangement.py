"""Arranges the panes at every terminal size, for the workbench and the opening screen."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus
from textual.screen import Screen
from textual.widget import Widget

from xray_tui.tui.stylesheet import stylesheet_for

_NAMES = ("prompts", "parameters", "preview", "queue", "log")


class Arrangement(Screen[None]):
    """Lays out five panes; their sizes follow from the size of the terminal."""

    DEFAULT_CSS = stylesheet_for(__file__)
    # Textual declares both as instance variables, so ClassVar is refused.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-short"), (30, "-tall")]  # noqa: RUF012

    def arranged(self, panes: Sequence[Widget]) -> ComposeResult:
        """Place the panes: prompts, parameters, preview, queue, log, in this order."""
        for pane, name in zip(panes, _NAMES, strict=True):
            pane.add_class(name)
        prompts, parameters, preview, queue, log = panes
        yield Horizontal(Vertical(prompts, parameters, id="left"), preview, id="top")
        yield Horizontal(queue, log, id="bottom")

    @property
    def focused_pane(self) -> Widget | None:
        """The pane that has the focus, or contains the widget that has it."""
        return None if self.focused is None else _pane_of(self.focused)

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane (``step`` 1) or the previous one (-1)."""
        chain = self.focus_chain
        panes = list(dict.fromkeys(pane for widget in chain if (pane := _pane_of(widget))))
        if not panes:
            return
        here = self.focused_pane
        at = panes.index(here) if here in panes else -1
        pane = panes[(at + step) % len(panes)]
        first = next(widget for widget in chain if _pane_of(widget) is pane)
        # At once: focus() acts later, and a key pressed quickly would still go to the old pane.
        self.set_focus(getattr(pane, "entry", first))

    @on(DescendantFocus)
    def _open_focused_pane(self) -> None:
        """Open the focused pane: in a narrow terminal, only one of two stacked panes is open."""
        name = _name(self.focused_pane)
        narrow = self.has_class("-narrow")  # elsewhere it would restyle all rows for nothing
        if name in ("prompts", "parameters"):
            left = self.query_one("#left")
            left.set_class(name == "parameters", "-parameters", update=narrow)
        if name in ("queue", "log"):
            self.query_one("#bottom").set_class(name == "log", "-log", update=narrow)


def _pane_of(widget: Widget) -> Widget | None:
    nodes = widget.ancestors_with_self
    return next((node for node in nodes if isinstance(node, Widget) and _name(node)), None)


def _name(pane: Widget | None) -> str:
    """The name of a pane, which is one of its classes; empty for other widgets."""
    return "" if pane is None else next((name for name in _NAMES if pane.has_class(name)), "")
