"""An app that sends the terminal only the cells that change."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen

from xray_tui.tui.output.screen_output import output_of
from xray_tui.tui.textual_internals import drawn_texts, may_display


class SparingApp(App[None]):
    """Textual sends whole widgets again; here only the cells that became different are sent.

    This needs a driver with an ``output``; with another driver everything is sent as ever.
    """

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual calls this to paint ``screen``."""
        output = output_of(self)
        if output is None or not may_display(self, renderable):
            super()._display(screen, renderable)
            return
        try:
            frame = output.frame
            frame.resize(screen.outer_size)
            x = y = 0
            for place, text, style in drawn_texts(renderable, self.console):
                x, y = place or (x, y)
                x = frame.put(x, y, text, style)
            frame.cursor = screen.outer_size.clamp_offset(self.cursor_position)
            output.send()
        except Exception as error:  # as Textual does: painting must not end the message loop
            self._handle_exception(error)
        finally:
            self.post_display_hook()
