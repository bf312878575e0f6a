"""Ends the process of an app in time, whatever the app or a library waits for."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

LIMIT_SECONDS = 4.0
"""Seconds from the first reason to end until the process is ended by force."""
LAST_RESORT_SECONDS = 5
"""Then the system ends the process, even if no Python code can run."""

_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
_RESTORE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""Leaves paste and mouse modes and the alternate screen, and shows the cursor."""


class Watchdog:
    """Watches over one app, from the main thread, until the process ends.

    ``on_signal`` is called in the thread of the watchdog with the number of each signal that ends
    the app; it must not wait for anything.
    """

    def __init__(self, on_signal: Callable[[int], object]) -> None:
        self.code: int | None = None
        """The exit code, from the first reason to end; None while there is none."""
        self._on_signal = on_signal
        self._deadline: float | None = None
        self._lock = threading.Lock()
        self._terminal = _Terminal()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._writer, False)

    def start(self) -> None:
        """Take over the signals. They are noticed even while the main thread waits in a library."""
        for number in _SIGNALS:
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def begin(self, code: int) -> None:
        """Note a reason to end with exit code ``code``; only the first reason counts."""
        with self._lock:
            if self._deadline is not None:
                return
            self.code = code
            self._deadline = time.monotonic() + LIMIT_SECONDS
        signal.alarm(LAST_RESORT_SECONDS)
        with suppress(BlockingIOError):
            os.write(self._writer, b"\0")  # wakes the thread

    def seconds_left(self) -> float:
        """How long there is left until the end by force; begins if nothing else has."""
        self.begin(0)
        assert self._deadline is not None
        return max(0.0, self._deadline - time.monotonic())

    def restore_terminal(self) -> None:
        """Bring the terminal back into the state before the app, for an app that could not."""
        self._terminal.restore()

    def _watch(self) -> None:
        while True:
            left = None if self._deadline is None else self._deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            if select.select([self._reader], [], [], left)[0]:
                for number in os.read(self._reader, 64):
                    if number in _SIGNALS:
                        self.begin(128 + number)
                        self._on_signal(number)
        # A terminal that accepts no output must not delay the exit.
        restoring = threading.Thread(target=self._terminal.restore, daemon=True)
        restoring.start()
        restoring.join(0.3)
        os._exit(self.code or 0)


class _Terminal:
    """The modes of the terminal before the app."""

    def __init__(self) -> None:
        self._modes: list[Any] | None = None
        with suppress(termios.error, AttributeError, ValueError):
            assert sys.__stdin__ is not None
            self._modes = termios.tcgetattr(sys.__stdin__.fileno())

    def restore(self) -> None:
        if self._modes is None or sys.__stdin__ is None or sys.__stderr__ is None:
            return
        # In the background, setting the modes would stop the process.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        with suppress(termios.error, OSError):
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, self._modes)
        with suppress(OSError):
            os.write(sys.__stderr__.fileno(), _RESTORE)
