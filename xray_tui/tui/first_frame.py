"""Paints a screen only when it is complete, so that its first frame has the right sizes and values.

Textual paints a screen at once, and sends its widgets their sizes afterwards. Spacing,
short labels, the number of columns and all else that depends on a size would jump after that frame.
"""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from textual.screen import Screen

from xray_tui.tui.output.sparing_app import SparingApp

_ROUNDS = 3
"""Layouts before a screen is painted: its widgets react to their sizes, and again to that."""
_LONGEST_WAIT = 0.4
"""Seconds after which a screen is painted in any case."""


class FirstFrame(SparingApp):
    """An app on which the previous screen stays visible until the current one is complete.

    A screen with ``paints_at_once`` does not wait.
    """

    _painted: Screen[Any] | None = None
    """The screen that is visible."""
    _awaited: Screen[Any] | None = None
    """The current screen, while it is not complete."""

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual calls this to paint ``screen``."""
        current = self.screen if self.screen_stack else screen  # none is left when the app ends
        if current is self._painted:
            super()._display(screen, renderable)
        elif getattr(current, "paints_at_once", False):
            self._painted = current
            super()._display(screen, renderable)
        elif current is not self._awaited:
            self._awaited = current
            current.set_timer(_LONGEST_WAIT, lambda: self._paint(current))
            current.call_after_refresh(self._wait, current, _ROUNDS)

    def _wait(self, screen: Screen[Any], rounds: int) -> None:
        if rounds:
            screen.refresh(layout=True)
            screen.call_after_refresh(self._wait, screen, rounds - 1)
        else:
            self._paint(screen)

    def _paint(self, screen: Screen[Any]) -> None:
        if screen is self._awaited:
            self._painted, self._awaited = screen, None
            screen.refresh(layout=True)  # paints all of it
