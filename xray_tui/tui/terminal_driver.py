"""The terminal as the app uses it: guarded input, and output that does not block for ever."""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import time
from collections.abc import Callable
from typing import Any, TextIO

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from xray_tui import environment
from xray_tui.tui.output.screen_output import ScreenOutput
from xray_tui.tui.terminal_input import TerminalInput, take_early
from xray_tui.tui.textual_internals import TokenParser

_TICK_MS = 50

_KEEP_TITLE, _TITLE, _RESTORE_TITLE = "\x1b[22;0t", "\x1b]2;{}\x1b\\", "\x1b[23;0t"


class GuardedDriver(LinuxDriver):
    """Textual's driver, made to survive any input, and to end the app if the terminal is lost.

    A hang-up or a failed read or write shows that the terminal is lost. The driver then sends
    SIGHUP to this process, as the system would, so that the app always ends in the same way.
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
        assert sys.__stderr__ is not None  # Textual draws the app there
        self.output = ScreenOutput(self.write)
        self._terminal = _Output(sys.__stderr__, self.output.line.note_written)
        self._file: Any = self._terminal
        self._suspended = False
        self._modes: list[Any] | None = None
        self._has_title = environment.terminal_has_title()
        self._title = ""

    def run_input_thread(self) -> None:
        """Read the terminal until the app ends. Textual's own method stops at an invalid byte."""
        chosen = [
            key for keys in getattr(self._app, "keys", {}).values() for key in keys.split(",")
        ]
        guard, parser = TerminalInput(self._note_answer, chosen), TokenParser()
        poll = select.poll()
        poll.register(self._file.fileno(), 0)  # 0: reports only a hang-up or an error
        poll.register(self.fileno, select.POLLIN)
        earlier = take_early()
        while not self.exit_event.is_set():
            ready = {} if earlier else dict(poll.poll(_TICK_MS))
            if ready and self.fileno not in ready:
                hang_up()
                return
            if earlier:  # read before the app ran: keys, and answers, which the guard drops
                tokens, earlier = guard.feed(earlier, time.monotonic()), b""
            elif ready:
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

    def write(self, data: str) -> None:
        """Send ``data``, and note how much is on its way."""
        self.output.line.note_sent(len(data))
        super().write(data)

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.output.start()
        if self._has_title:
            self.write(_KEEP_TITLE)
        self.show_title(self._title)
        self._suspended = False
        self._modes = _modes(self.fileno)

    def show_title(self, title: str) -> None:
        """Make ``title`` the window's, until the app ends or is suspended; it has no controls."""
        self._title = title
        if title and self._has_title:
            self.write(_TITLE.format(title))

    def stop_application_mode(self) -> None:
        self.output.stop()
        self._await_answers()
        super().stop_application_mode()
        if self._has_title:
            self.write(_RESTORE_TITLE)
            self.flush()

    def _note_answer(self) -> None:
        """The terminal has shown what came before the question; called in the input thread."""
        self.output.line.note_answer()
        self._loop.call_soon_threadsafe(self.output.send)

    def _await_answers(self) -> None:
        """Wait for the answers that are on their way: the shell would take them for keys."""
        end = time.monotonic() + self.output.line.seconds_to_answers
        while time.monotonic() < end and self.output.line.questions and not self._terminal.gone:
            time.sleep(0.01)

    def suspend_application_mode(self) -> None:
        self._suspended = True
        super().suspend_application_mode()

    def resume_application_mode(self) -> None:
        """Continue after SIGCONT. A SIGSTOP did not suspend the driver: its threads still run.

        Starting the driver again would then leave two threads that read keys. Therefore a driver
        that was not suspended is restarted only if the terminal's modes have changed, which shows
        that a shell has used the terminal in the meantime.
        """
        if not self._suspended:
            modes = _modes(self.fileno)
            if modes is None or modes == self._modes:
                return
            self.suspend_application_mode()
        super().resume_application_mode()


class _Output:
    """The file that Textual's writer thread writes to. Writing never raises an error.

    An error would end the thread; its queue would then fill up, and the app would wait for ever.
    """

    def __init__(self, file: TextIO, note_written: Callable[[int], object]) -> None:
        self._file = file
        self._note_written = note_written
        self.gone = False
        """Whether nothing can be written any more."""

    def fileno(self) -> int:
        return self._file.fileno()

    def flush(self) -> None:
        """Do nothing: :meth:`write` does not buffer."""

    def write(self, text: str) -> None:
        data = text.encode(self._file.encoding or "utf-8", self._file.errors or "replace")
        while data and not self.gone:
            try:
                data = data[os.write(self.fileno(), data) :]
            except BlockingIOError:  # another program has made the terminal non-blocking
                select.select([], [self.fileno()], [], 1)
            except (OSError, ValueError):
                self.gone = True
                hang_up()
        self._note_written(len(text))


def hang_up() -> None:
    """End this process as if its terminal had been closed."""
    os.kill(os.getpid(), signal.SIGHUP)


def _modes(file: int) -> list[Any] | None:
    try:
        return termios.tcgetattr(file)
    except termios.error:
        return None
