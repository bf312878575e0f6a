"""An app that sends the terminal only the cells that change."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen

from xray_tui.tui.output.screen_output import output_of
from xray_tui.tui.output.small_window import QUIT_KEY, Holding, is_too_small, lines
from xray_tui.tui.textual_internals import drawn_texts, may_display


class SparingApp(App[None]):
    """Textual sends whole widgets again; here only the cells that became different are sent.

    In a window that is too small, a message is sent instead of the screen, and keys do nothing:
    nobody could see what they do. Only the key that quits does so, unless something would be lost:
    the user could not be asked. All this needs a driver with an ``output``; with another driver
    everything is sent as ever.
    """

    _at_stake = ""
    """Why the app was not quit in a small window; empty if that was not tried."""

    def redraw(self) -> None:
        """Send all of the screen again, as another program may have written over it."""
        output = output_of(self)
        if output is not None:
            output.frame.forget()
            output.send()

    def take_in_small_window(self, key: str) -> bool:
        """Whether the window is too small for this key to act as in others; it may quit."""
        if output_of(self) is None or not is_too_small(self.size):
            return False
        if key == QUIT_KEY:
            held = (one.at_stake() for one in self.screen_stack if isinstance(one, Holding))
            self._at_stake = next(filter(None, held), "")
            if self._at_stake:
                self.screen.refresh(layout=True)  # paints the message
            else:
                self.exit()
        return True

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual calls this to paint ``screen``."""
        output = output_of(self)
        if output is None or not may_display(self, renderable):
            super()._display(screen, renderable)
            return
        try:
            frame = output.frame
            frame.resize(screen.outer_size)
            if is_too_small(frame.size):
                for (x, y), line in lines(frame.size, self._at_stake):
                    frame.put(x, y, (line, ""))
            else:
                self._at_stake = ""
                for (x, y), texts in drawn_texts(renderable, self.console):
                    frame.put(x, y, *texts)
            frame.cursor = screen.outer_size.clamp_offset(self.cursor_position)
            output.send()
        except Exception as error:  # as Textual does: painting must not end the message loop
            self._handle_exception(error)
        finally:
            self.post_display_hook()
