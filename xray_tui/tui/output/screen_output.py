"""Sends the screen to the terminal, as fast as the line takes it.

While the line is busy only the frame changes, so the next that is sent is the latest: a terminal is
never behind by more than what is on the way. Texts go first, pictures in pieces when there is room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.app import App

from xray_tui.tui.output.frame import Frame
from xray_tui.tui.output.line import QUESTION, Line
from xray_tui.tui.textual_internals import driver_of

_AT_ONCE = "\x1b[?2026h{}\x1b[?2026l"
"""Shows all changes at the same time, on terminals that support this."""
_SOON = 0.02
"""Seconds after which it is tried again to send the rest."""


class ScreenOutput:
    """The frame of the screen, and the line to the terminal; ``write`` sends a sequence."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self.frame = Frame()
        self.line = Line()
        self._stopped = True
        self._waiting: asyncio.TimerHandle | None = None

    def send(self) -> None:
        """Send what has changed in the frame, now or when there is room on the line."""
        if self._stopped:
            return
        room = self.line.room
        for_pictures = room if 2 * room > self.line.most_room else 0  # small pieces are longer
        if room > 0 and (difference := self.frame.difference(for_pictures)):
            self._write(_AT_ONCE.format(difference))
            self._ask()
        if self.frame.has_unsent and self._waiting is None:
            self._waiting = asyncio.get_running_loop().call_later(_SOON, self._send_rest)

    def _send_rest(self) -> None:
        self._waiting = None
        self.send()

    def _ask(self) -> None:
        if self.line.answers:
            self.line.note_question()
            self._write(QUESTION)

    def start(self) -> None:
        """The app has the terminal, and nothing is known of what it shows."""
        self.frame.forget()
        self.line.restart()
        self._stopped = False
        self._ask()  # with nothing before it: this measures the delay

    def stop(self) -> None:
        """The app leaves the terminal, which forgets all pictures."""
        self._stopped = True
        self._write(self.frame.removal())


def output_of(app: App[Any]) -> ScreenOutput | None:
    """The output of ``app``; None if it runs without a terminal."""
    output = getattr(driver_of(app), "output", None)
    return output if isinstance(output, ScreenOutput) else None
