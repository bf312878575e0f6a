"""Real terminals with the app in them, and what they show."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from support.displays import HEIGHT, WIDTH, Display, Pixels, difference, save, wait_until

COLUMNS, ROWS = 100, 32
_SAME = 0.002
"""The share of pixels that may differ in equal screenshots: fonts and Sixel are drawn alike."""


def _xterm(command: list[str]) -> list[str]:
    return [
        *("xterm", "-ti", "vt340", "-xrm", "xterm*numColorRegisters: 256"),
        *("-fa", "DejaVu Sans Mono", "-fs", "8", "-bg", "black", "-fg", "gray"),
        *("-geometry", f"{COLUMNS}x{ROWS}+0+0", "-e", *command),
    ]


def _kitty(command: list[str]) -> list[str]:
    options = {
        "initial_window_width": f"{COLUMNS}c",
        "initial_window_height": f"{ROWS}c",
        "remember_window_size": "no",
        "font_size": "8",
        "cursor_blink_interval": "0",
        "enable_audio_bell": "no",
    }
    pairs = [part for option in options.items() for part in ("-o", "=".join(option))]
    return ["kitty", "--config", "NONE", *pairs, *command]


_IN_WESTON = """
mkdir -p -m 700 way; rm -f way/land
export XDG_RUNTIME_DIR=$PWD/way
weston --backend=x11-backend.so --use-pixman --width=700 --height=480 --no-config \\
  --shell=kiosk-shell.so --socket=land &
while [ ! -S way/land ]; do sleep 0.05; done
WAYLAND_DISPLAY=land "$@"
kill $!
"""
"""Runs a command in a compositor for Wayland, which is a window of the X server."""


def _foot(command: list[str]) -> list[str]:
    options = ("--config=/dev/null", "-o", "main.font=DejaVu Sans Mono:size=8")
    return ["sh", "-c", _IN_WESTON, "sh", "foot", *options, *command]


@dataclass(frozen=True)
class Kind:
    """A terminal emulator."""

    programs: tuple[str, ...]
    line: Callable[[list[str]], list[str]]
    """The command that runs another in it."""
    resizes: bool = True
    """Whether its window can be given another size."""


KINDS = {
    "xterm": Kind(("xterm",), _xterm),
    "kitty": Kind(("kitty",), _kitty),
    "foot": Kind(("foot", "weston"), _foot, resizes=False),
}


def version(program: str) -> tuple[int, ...]:
    """The version that a program reports, such as (3, 3)."""
    flag = "-V" if program == "tmux" else "--version"
    shown = subprocess.run([program, flag], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", shown)[:2]))


class RealTerminal:
    """The app in a terminal, perhaps in tmux; screenshots of it."""

    def __init__(self, display: Display, kind: Kind, folder: Path, *, in_tmux: bool) -> None:
        self.display, self._kind, self._folder = display, kind, folder
        self._in_tmux = in_tmux
        self._processes: list[subprocess.Popen[bytes]] = []
        app = f"{sys.executable} -m xray_tui --dataset D"
        script = f"stty -echo; echo ready; read line; {app} 2>errors.txt; exec sleep 1000"
        (folder / "tmux.conf").write_text(
            "set -g status off\nset -g allow-passthrough on\nset -s escape-time 10\n"
            "set -as terminal-features ',*:RGB'\n"  # tmux may learn it after it has drawn
        )
        shell = ["sh", "-c", script]
        self._open([*self._tmux, "new-session", *shell] if in_tmux else shell)
        assert wait_until(lambda: self._is_lit() > 20), "the terminal shows nothing"
        display.point_at_window()
        self.settled()

    @property
    def _tmux(self) -> list[str]:
        return ["tmux", "-S", str(self._folder / "tmux"), "-f", str(self._folder / "tmux.conf")]

    def tmux(self, *words: str) -> None:
        """Run a command of tmux."""
        subprocess.run([*self._tmux, *words], check=True, timeout=20)

    def attach(self) -> None:
        """Detach tmux from the terminal, which ends, and attach it to a new one."""
        self.tmux("detach-client")
        self._processes[-1].wait(20)
        self._open([*self._tmux, "attach"])
        assert wait_until(lambda: self._is_lit() > 20), "the terminal shows nothing"
        self.display.point_at_window()

    def press(self, *keys: str) -> None:
        """Press keys, and wait until the screen has changed."""
        before = self.display.pixels()
        self.display.press(*keys)
        changed = wait_until(lambda: difference(before, self.display.pixels()) > 0)
        assert changed, f"{keys} changed nothing{self._seen()}"

    def wait_for_colour(self, colour: tuple[int, int, int], pixels: int = 1000) -> None:
        """Wait until as many pixels of the screen have exactly this colour."""

        def is_there() -> bool:
            return int((self.display.pixels() == colour).all(axis=2).sum()) >= pixels

        assert wait_until(is_there, 60), f"nothing is {colour}{self._seen()}"

    def settled(self, quiet: float = 0.5) -> Pixels:
        """The screenshot once it has not changed for this time."""
        last, since = self.display.pixels(), time.monotonic()
        end = since + 30
        while time.monotonic() < end:
            time.sleep(0.05)
            now = self.display.pixels()
            if difference(last, now) > 0:
                last, since = now, time.monotonic()
            elif time.monotonic() - since > quiet:
                return now
        raise AssertionError(f"the screen is never at rest{self._seen()}")

    def assert_shows(self, expected: Pixels, what: str) -> None:
        """The terminal shows this screenshot, soon, and continues to do so.

        Raises:
            AssertionError: the message names two files with what was expected and what is shown.
        """

        def same() -> bool:
            return difference(expected, self.display.pixels()) < _SAME

        if wait_until(same, 10):
            time.sleep(0.3)
            if same():
                return
        save(expected, self._folder / "expected.png")
        share = difference(expected, self.display.pixels())
        raise AssertionError(f"{what}: {share:.1%} of the pixels differ{self._seen()}")

    def close(self) -> None:
        """End the app and its terminal."""
        if self._in_tmux:
            subprocess.run([*self._tmux, "kill-server"], check=False, stderr=subprocess.DEVNULL)
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def _open(self, command: list[str]) -> None:
        hidden = ("TMUX", "STY", "COLORTERM", "TERM_PROGRAM", "XRAY_TUI_", "COLUMNS", "LINES")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
        own = {
            "DISPLAY": self.display.name,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "LC_ALL": "C.UTF-8",
            "HOME": str(self._folder),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
        }
        self._processes.append(
            subprocess.Popen(
                self._kind.line(command),
                env={**kept, **own},
                cwd=self._folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )

    def _is_lit(self) -> int:
        return int((self.display.pixels().max(axis=2) > 100).sum())

    def _seen(self) -> str:
        path = self._folder / "shown.png"
        save(self.display.pixels(), path)
        return f"; see {path}"


def picture_box(one: Pixels, other: Pixels) -> tuple[slice, slice]:
    """The rows and columns of the picture, in screenshots that show two different ones."""
    differs = (one != other).any(axis=2)
    rows = _longest(differs.sum(axis=1) > 0.15 * WIDTH)
    columns = _longest(differs[rows].mean(axis=0) > 0.2)
    return rows, columns


def _longest(wanted: np.ndarray) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], wanted.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    assert len(starts), "no picture is found"
    longest = int(np.argmax(ends - starts))
    return slice(int(starts[longest]), int(ends[longest]))


def likeness(shown: Pixels, picture: Image.Image) -> float:
    """The correlation of an excerpt of a screenshot with a picture."""
    size = (shown.shape[1], shown.shape[0])
    expected = np.asarray(picture.convert("L").resize(size, Image.Resampling.LANCZOS), float)
    return float(np.corrcoef(shown.mean(axis=2).ravel(), expected.ravel())[0, 1])


def missing(kind: Kind, *, in_tmux: bool) -> str:
    """Why a terminal cannot be tried here; empty if it can."""
    lacking = Display.missing()
    programs = [*kind.programs, *(["tmux"] if in_tmux else [])]
    for program in programs:
        if shutil.which(program) is None:
            lacking += f" {program}"
    return f"not installed: {lacking}" if lacking else ""


assert HEIGHT >= 20 * ROWS
