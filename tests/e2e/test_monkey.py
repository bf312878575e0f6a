"""Random input crashes neither the app nor the review, and does not damage the dataset.

Keys, bytes, mouse reports, late answers, sizes and pastes are chosen at random. A failing run
prints its seed; set ``XRAY_TUI_MONKEY_SEED`` to that seed to repeat the run.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.losable_terminal import LosableTerminal

from xray_tui.dataset.files import layout
from xray_tui.dataset.repair.verifying import verify

IMAGES = 12
SECONDS, SLOW_SECONDS = 6, 1800
SMALL = {
    "XRAY_TUI_COUNT": "1",
    "XRAY_TUI_STEPS": "2",
    "XRAY_TUI_WIDTH": "64",
    "XRAY_TUI_HEIGHT": "64",
}
KEYS = [
    *(bytes([code]) for code in range(0x20, 0x7F)),
    *(bytes([code]) for code in range(0x01, 0x1B) if code not in (0x11, 0x1A)),  # ctrl+q, ctrl+z
    *(b"\x1b[" + end for end in (b"A", b"B", b"C", b"D", b"H", b"F", b"Z", b"5~", b"6~", b"3~")),
    *(b"\x1bO" + end for end in (b"P", b"Q", b"R", b"S")),
    b"\x1b[97;5u",
]
COMMON = [b"\r", b"\t", b"\x1b", b" ", b"\x1b[A", b"\x1b[B", b"\x1b[C", b"\x1b[6~", b"\x10", b"?"]
ANSWERS = [
    b"\x1b[6;18;9t",
    b"\x1b[?62;4c",
    b"\x1b_Gi=31;OK\x1b\\",
    b"\x1bP>|XTerm(379)\x1b\\",
    b"\x1bP1$r48:2:1:2:3m\x1b\\",
    b"\x1b]11;rgb:1/2/3\x07",
    b"\x1b[12;40R",
    b"\x1b[99~",
    b"\x1b[?2026;2$y",
]
SIZES = [(24, 80), (36, 120), (60, 200), (10, 30), (3, 3), (1, 1), (12, 40)]


class Monkey:
    """Sends random input to ``terminal``; the same seed gives the same input."""

    def __init__(self, terminal: LosableTerminal, choose: random.Random) -> None:
        self._terminal = terminal
        self._choose = choose

    def act(self) -> None:
        """Send one random input, or resize the terminal."""
        acts = [self._key, self._common, self._bytes, self._mouse, self._answer, self._paste]
        act = self._choose.choices([*acts, self._resize], [40, 30, 4, 12, 6, 3, 2])[0]
        act()

    def _key(self) -> None:
        self._terminal.type(self._choose.choice(KEYS))

    def _common(self) -> None:
        self._terminal.type(self._choose.choice(COMMON) * self._choose.choice((1, 1, 1, 3)))

    def _bytes(self) -> None:
        self._terminal.type(self._choose.randbytes(self._choose.randrange(1, 12)))

    def _mouse(self) -> None:
        button = self._choose.choice((0, 0, 1, 2, 32, 35, 64, 65))
        x, y = self._choose.randrange(1, 130), self._choose.randrange(1, 40)
        pressed = f"\x1b[<{button};{x};{y}M"
        released = f"\x1b[<{button};{x};{y}m" if button < 3 else ""
        self._terminal.type((pressed + released).encode())

    def _answer(self) -> None:
        answer = self._choose.choice(ANSWERS)
        cut = self._choose.randrange(len(answer))
        self._terminal.type(answer[:cut])
        self._terminal.read(self._choose.choice((0, 0.03)))
        self._terminal.type(answer[cut:])

    def _paste(self) -> None:
        text = self._choose.choice(("chest\r3", "é" * 40, "[/]\x1b[31m", "x" * 5000, ""))
        self._terminal.type(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def _resize(self) -> None:
        rows, columns = self._choose.choice(SIZES)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self._terminal.output, termios.TIOCSWINSZ, size)


@pytest.fixture
def opened() -> Iterator[list[LosableTerminal]]:
    terminals: list[LosableTerminal] = []
    yield terminals
    for terminal in terminals:
        terminal.kill()


def run_monkey(
    command: str, seconds: float, root: Path, folder: Path, opened: list[LosableTerminal]
) -> None:
    seed = int(os.environ.get("XRAY_TUI_MONKEY_SEED", random.randrange(1 << 30)))
    print(f"XRAY_TUI_MONKEY_SEED={seed}")
    choose = random.Random(seed)
    arguments = ["review", str(root)] if command == "review" else ["--dataset", str(root)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        terminal = LosableTerminal(arguments, folder, HOME=str(folder), **SMALL)
        opened.append(terminal)
        terminal.wait_for(b"\x1b[?1049h")
        monkey = Monkey(terminal, choose)
        while terminal.process.poll() is None and time.monotonic() < end:
            monkey.act()
            terminal.read(choose.choice((0, 0.01, 0.05)))
        if terminal.process.poll() is None:
            terminal.process.send_signal(signal.SIGTERM)
            assert terminal.seconds_to_end(6) < 6
            assert terminal.process.returncode == 143
        last = terminal.seen[-3000:].decode(errors="replace")
        assert terminal.process.returncode in (0, 143), last
        terminal.kill()
    log = root / layout.LOG
    text = log.read_text() if log.exists() else ""
    assert "Traceback" not in text, text
    assert verify(root).left == ()


@pytest.mark.parametrize("command", ["app", "review"])
def test_random_input_causes_no_crash(
    command: str, root: Path, tmp_path: Path, opened: list[LosableTerminal]
) -> None:
    run_monkey(command, SECONDS, root, tmp_path, opened)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["app", "review"])
def test_random_input_for_half_an_hour_causes_no_crash(
    command: str, root: Path, tmp_path: Path, opened: list[LosableTerminal]
) -> None:
    run_monkey(command, SLOW_SECONDS, root, tmp_path, opened)
