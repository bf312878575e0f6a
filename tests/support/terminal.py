"""Runs the app in a pseudo-terminal: sends keys, and reads the screen."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pexpect
import pyte

_WITHHELD = ("XRAY_TUI_", "COLUMNS", "LINES")
"""Environment variables that are not passed on: the tester's settings, and another size."""


class CommandTerminal:
    """A terminal in which a command runs; ``text`` is the text on its screen."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        columns: int,
        rows: int,
        environment: Mapping[str, str],
    ) -> None:
        """Start ``command`` in ``folder``; it sees no other environment variables."""
        self.columns, self.rows = columns, rows
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self.process = pexpect.spawn(
            command[0],
            command[1:],
            cwd=str(folder),
            env=environment,
            dimensions=(rows, columns),
            timeout=30,
        )
        self.process.delaybeforesend = None  # by default each key waits for 50 ms

    @property
    def text(self) -> str:
        """The text on the screen now."""
        return "\n".join(self._screen.display)

    def first_cell_of(self, text: str) -> pyte.screens.Char:
        """The cell where ``text`` starts, with its colours."""
        y, line = next((y, line) for y, line in enumerate(self._screen.display) if text in line)
        return self._screen.buffer[y][line.index(text)]

    def read(self, seconds: float) -> bytes:
        """Read for at most ``seconds``; returns the first piece of output."""
        data = self.read_raw(seconds)
        self.feed(data)
        return data

    def read_raw(self, seconds: float) -> bytes:
        """Like :meth:`read`, but ``text`` does not change until :meth:`feed` is called."""
        try:
            return bytes(self.process.read_nonblocking(1 << 16, timeout=seconds))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""

    def feed(self, data: bytes) -> None:
        """Show ``data`` on the screen."""
        self.raw += data
        self._stream.feed(data)

    def wait_for(self, what: str | Callable[[str], bool], seconds: float = 60) -> float:
        """Read until the screen shows ``what``, a text or a condition; returns the seconds it took.

        Raises:
            AssertionError: ``what`` did not appear in time; the message contains the screen.
        """
        wanted = (lambda text: what in text) if isinstance(what, str) else what
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            self.read(0.05)
            if wanted(self.text):
                return time.monotonic() - start
        raise AssertionError(f"{what!r} did not appear in {seconds} s; the screen:\n{self.text}")

    def press(self, *keys: str) -> None:
        """Send keys: characters, or names such as ``enter``, ``escape``, ``tab``, ``right``."""
        names = {
            "enter": "\r",
            "escape": "\x1b",
            "tab": "\t",
            "space": " ",
            "up": "\x1b[A",
            "down": "\x1b[B",
            "right": "\x1b[C",
            "left": "\x1b[D",
            "f1": "\x1bOP",
            "f2": "\x1bOQ",
            "ctrl+s": "\x13",
            "ctrl+u": "\x15",
        }
        for key in keys:
            self.process.send(names.get(key, key))

    def wait_for_end(self, seconds: float = 30) -> int:
        """Wait until the app has ended; returns its exit code (128 + n for signal n)."""
        end = time.monotonic() + seconds
        while self.process.isalive() and time.monotonic() < end:
            self.read(0.1)
        assert not self.process.isalive(), f"still running; the screen:\n{self.text}"
        self.process.close()
        signal = self.process.signalstatus
        return self.process.exitstatus if signal is None else 128 + signal

    def close(self) -> None:
        """Kill the app if it is still running."""
        if self.process.isalive():
            self.process.kill(signal.SIGKILL)
            self.process.wait()
        self.process.close()


class Terminal(CommandTerminal):
    """Runs ``python -m xray_tui`` in a terminal."""

    def __init__(
        self,
        arguments: list[str],
        folder: Path,
        columns: int = 120,
        rows: int = 36,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(_WITHHELD)}
        own = {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }
        super().__init__(
            [sys.executable, "-m", "xray_tui", *arguments],
            folder,
            columns,
            rows,
            {**inherited, **own, **(environment or {})},
        )
