"""The terminal as the app uses it: guarded input, and output that does not block for ever."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
from typing import Any, TextIO

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from xray_tui.tui.terminal_input import TerminalInput
from xray_tui.tui.textual_internals import TokenParser

_TICK_MS = 50


class GuardedDriver(LinuxDriver):
    """Textual's driver, which survives any input, and a terminal that is gone.

    When the terminal is gone, which reading or writing shows, the process gets SIGHUP, as if the
    system had sent it: so there is one way in which the app ends then.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stderr__ is not None  # it is where the app is drawn
        self._file: Any = _Output(sys.__stderr__)
        self._suspended = False
        self._modes: list[Any] | None = None

    def run_input_thread(self) -> None:
        """Read the terminal until the app ends; replaces Textual's, which stops at a wrong byte."""
        guard, parser = TerminalInput(), TokenParser()
        poll = select.poll()
        poll.register(self._file.fileno(), 0)  # reports only that it is gone
        poll.register(self.fileno, select.POLLIN)
        while not self.exit_event.is_set():
            ready = dict(poll.poll(_TICK_MS))
            if ready and self.fileno not in ready:
                hang_up()
                return
            if ready:
                try:
                    data = os.read(self.fileno, 4096)
                except BlockingIOError:
                    continue
                except OSError:
                    data = b""
                if not data:
                    hang_up()
                    return
                tokens = guard.feed(data, time.monotonic())
            else:
                tokens = guard.idle(time.monotonic())
            for token in tokens:
                for message in parser.parse(token):
                    self.process_message(message)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._suspended = False
        self._modes = _modes(self.fileno)

    def suspend_application_mode(self) -> None:
        self._suspended = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Go on after SIGCONT. After a SIGSTOP the driver was not suspended: its threads live on.

        Starting a second time would leave two threads that read keys. That is done only if a shell
        has taken the terminal meanwhile, which its modes show.
        """
        if not self._suspended:
            modes = _modes(self.fileno)
            if modes is None or modes == self._modes:
                return
            self.suspend_application_mode()
        super().resume_application_mode()


class _Output:
    """The file that Textual's writer thread writes to. It never raises, so the thread lives on.

    When that thread ended, its queue would fill, and the app would wait for it for ever.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._gone = False

    def fileno(self) -> int:
        return self._file.fileno()

    def flush(self) -> None:
        """Nothing waits here."""

    def write(self, text: str) -> None:
        data = text.encode(self._file.encoding or "utf-8", self._file.errors or "replace")
        while data and not self._gone:
            try:
                data = data[os.write(self.fileno(), data) :]
            except BlockingIOError:  # another program has made the terminal non-blocking
                select.select([], [self.fileno()], [], 1)
            except (OSError, ValueError):
                self._gone = True
                hang_up()


def hang_up() -> None:
    """Let this process end as if its terminal had been closed."""
    os.kill(os.getpid(), signal.SIGHUP)


def _modes(file: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(file)
    except termios.error:
        return None
