"""Sends the screen to the terminal."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.tui.output.frame import Frame

_AT_ONCE = "\x1b[?2026h{}\x1b[?2026l"
"""Shows all changes at the same time, on terminals that support this."""


class ScreenOutput:
    """The frame of the screen, and the way to the terminal; ``write`` sends a sequence."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.frame = Frame()

    def send(self) -> None:
        """Send what has changed in the frame."""
        difference = self.frame.difference()
        if difference:
            self._write(_AT_ONCE.format(difference))

    def start(self) -> None:
        """The app has the terminal, and nothing is known of what it shows."""
        self.frame.forget()

    def stop(self) -> None:
        """The app leaves the terminal, which forgets all pictures."""
        self._write(self.frame.removal())
        self.frame.forget()
