"""Runs the app in pseudo-terminals that can go away in every way that a terminal can."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pyte

_WITHHELD = ("XRAY_TUI_", "COLUMNS", "LINES", "TMUX", "STY")
_BUSY_PROCESSES = 3
_PATIENCE = 10
"""Seconds until a terminal counts as one that nobody reads."""
_READABLE = (24, 80)
"""Rows and columns of the smallest screen whose text is read."""
_START = """
import fcntl, os, sys, termios
if sys.argv[1] == "1":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""
"""Makes the terminal the controlling one, if wanted, and becomes the app."""


class LosableTerminal:
    """Runs ``python -m xray_tui``. Its input and output are two terminals, each can be closed.

    Without ``hang_up_signal`` neither is the controlling terminal: a process then gets no SIGHUP
    when it is closed, and only notices when it reads or writes. Without ``module`` the arguments
    name another Python program.
    """

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        *,
        hang_up_signal: bool = True,
        module: bool = True,
        **environment: str,
    ) -> None:
        self.output, shown = pty.openpty()
        self.input, typed = (self.output, shown) if hang_up_signal else pty.openpty()
        for side in (self.output, self.input):
            fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.set_blocking(self.input, False)
        self._open = {self.output, self.input}
        self.seen = b""
        """All that the app has sent: only what changed on its screen."""
        self._screen = pyte.Screen(120, 36)
        self._stream = pyte.ByteStream(self._screen)
        self._readable = True
        self._modes_before = termios.tcgetattr(typed)
        self._keep = typed  # so that the modes can be read after the process has ended

        program = ["-m", "xray_tui"] if module else []
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, str(int(hang_up_signal)), *program, *arguments],
            cwd=folder,
            stdin=typed,
            stdout=shown,
            stderr=shown,
            start_new_session=True,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(_WITHHELD)},
                "TERM": "xterm-256color",
                "XDG_CONFIG_HOME": str(folder / "config"),
                **environment,
            },
        )
        if shown != typed:
            os.close(shown)

    @property
    def text(self) -> str:
        """The text on the screen now."""
        return "\n".join(self._screen.display)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size; in a small one, ``text`` does not change."""
        fcntl.ioctl(self.output, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if rows >= _READABLE[0] and columns >= _READABLE[1]:
            self._screen.resize(rows, columns)
        self._readable = (rows, columns) == (self._screen.lines, self._screen.columns)

    def type(self, keys: bytes) -> None:
        """Type ``keys``; what an ended app leaves unread is dropped when the buffer is full."""
        end = time.monotonic() + _PATIENCE
        while keys and time.monotonic() < end:
            try:
                keys = keys[os.write(self.input, keys) :]
            except BlockingIOError:
                time.sleep(0.01)

    def read(self, seconds: float) -> None:
        """Read what the app shows for ``seconds``."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.output not in self._open:
                time.sleep(left)
            elif select.select([self.output], [], [], min(left, 0.05))[0]:
                try:
                    sent = os.read(self.output, 1 << 16)
                except OSError:  # the process has closed its side
                    return
                self.seen += sent
                if self._readable:
                    # Sequences that the monkey typed are echoed before the app has the terminal.
                    with contextlib.suppress(TypeError):
                        self._stream.feed(sent)

    def wait_for(self, text: bytes, seconds: float = 60) -> None:
        """Read until ``text`` has been sent, or is on the screen."""
        end = time.monotonic() + seconds
        while text not in self.seen and text.decode() not in self.text:
            assert self.process.poll() is None, self.seen[-2000:].decode(errors="replace")
            assert time.monotonic() < end, self.seen[-2000:].decode(errors="replace")
            self.read(0.1)

    def close(self, *sides: int) -> None:
        """Close the terminals ``sides``, or both."""
        for side in sides or tuple(self._open):
            if side in self._open:
                self._open.discard(side)
                os.close(side)
        if not self._open and self._keep >= 0:
            os.close(self._keep)  # a terminal is gone when the last of its users is
            self._keep = -1

    def seconds_to_end(self, limit: float) -> float:
        """Read until the process has ended; returns the seconds, or ``limit`` if it has not."""
        start = time.monotonic()
        while self.process.poll() is None and time.monotonic() - start < limit:
            self.read(0.05)
        return time.monotonic() - start

    @property
    def restored(self) -> bool:
        """Whether the terminal has the modes from before, and shows its first screen again."""
        self.read(0.2)
        return termios.tcgetattr(self._keep) == self._modes_before and self.seen.rfind(
            b"\x1b[?1049l"
        ) > self.seen.rfind(b"\x1b[?1049h")

    def kill(self) -> None:
        """End everything, whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.close()


@contextlib.contextmanager
def quarter_of_a_core() -> Iterator[int]:
    """Keep one core busy with three processes; yields its number, for a fourth process."""
    core = max(os.sched_getaffinity(0))
    command = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(command) for _ in range(_BUSY_PROCESSES)]
    try:
        for process in busy:
            os.sched_setaffinity(process.pid, {core})
        yield core
    finally:
        for process in busy:
            process.kill()
            process.wait()
