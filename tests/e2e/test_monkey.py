"""Random input crashes neither the app nor the review, and does not damage the dataset.

Keys, bytes, mouse reports, late answers, sizes and pastes are chosen at random, in every screen and
dialog in turn. A failing run prints its seed and its last inputs; set ``XRAY_TUI_MONKEY_SEED`` to
that seed to repeat the run, and ``XRAY_TUI_MONKEY_SECONDS`` to change its length.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import deque
from pathlib import Path

import pytest
from support.key_bytes import key_bytes
from support.losable_terminal import LosableTerminal
from support.places import PLACES, Place
from support.review_datasets import add_finished_job
from support.review_pilot import make_duplicates

from xray_tui.dataset.files import layout
from xray_tui.dataset.repair.verifying import verify

IMAGES = 12
SECONDS, SLOW_SECONDS = 9, 1800
REACTION = 0.1
"""Seconds the app gets to open a screen, before random keys meet it."""
MOST_MISSES = 40
"""Places in a row that the keys did not open, after which the app counts as hung."""
SMALL = {
    "XRAY_TUI_COUNT": "1",
    "XRAY_TUI_STEPS": "2",
    "XRAY_TUI_WIDTH": "64",
    "XRAY_TUI_HEIGHT": "64",
}
KEYS = [
    *(bytes([code]) for code in range(0x20, 0x7F)),
    *(bytes([code]) for code in range(0x01, 0x1B) if code not in (0x03, 0x11, 0x1A)),
    *(b"\x1b[" + end for end in (b"A", b"B", b"C", b"D", b"H", b"F", b"Z", b"5~", b"6~", b"3~")),
    *(b"\x1bO" + end for end in (b"P", b"Q", b"R", b"S")),
    b"\x1b[97;5u",
]
SIGNALS = b"\x03\x1a\x1c"
"""Bytes that end or stop the process, before the app has set up its terminal and afterwards."""
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

    def __init__(self, terminal: LosableTerminal, choose: random.Random, keys: list[bytes]) -> None:
        self._terminal = terminal
        self._choose = choose
        self._keys = keys
        self.sent: deque[bytes] = deque(maxlen=80)
        """The last inputs."""

    def go(self, place: Place, patience: float) -> bool:
        """Leave what is open, and open ``place``; False if its text does not appear.

        Waiting for it for ``patience`` seconds also lets a slow app catch up with its input.
        """
        self._terminal.resize(36, 120)  # a window that is too small takes no keys
        self._terminal.read(REACTION)
        self._type(key_bytes("escape") * 4)
        self._terminal.read(REACTION)
        before = len(self._terminal.seen)
        for key in place.keys:
            self._type(key_bytes(key))
            self._terminal.read(0.02)
        self._terminal.read(REACTION)
        end = time.monotonic() + patience
        while not self._shows(place, before) and time.monotonic() < end:
            self._terminal.read(0.05)
        for key in place.last:
            self._type(key_bytes(key))
        return self._shows(place, before)

    def _shows(self, place: Place, since: int) -> bool:
        sent = self._terminal.seen[since:]
        return place.shows.encode() in sent or place.shows in self._terminal.text

    def _type(self, data: bytes) -> None:
        self.sent.append(data)
        self._terminal.type(data)

    def act(self) -> None:
        """Send one random input, or resize the terminal."""
        acts = [self._key, self._common, self._bytes, self._mouse, self._answer, self._paste]
        act = self._choose.choices([*acts, self._resize], [40, 30, 4, 12, 6, 3, 2])[0]
        act()

    def _key(self) -> None:
        self._type(self._choose.choice(self._keys))

    def _common(self) -> None:
        self._type(self._choose.choice(COMMON) * self._choose.choice((1, 1, 1, 3)))

    def _bytes(self) -> None:
        self._type(self._choose.randbytes(self._choose.randrange(1, 12)).translate(None, SIGNALS))

    def _mouse(self) -> None:
        button = self._choose.choice((0, 0, 1, 2, 32, 35, 64, 65))
        x, y = self._choose.randrange(1, 130), self._choose.randrange(1, 40)
        pressed = f"\x1b[<{button};{x};{y}M"
        released = f"\x1b[<{button};{x};{y}m" if button < 3 else ""
        self._type((pressed + released).encode())

    def _answer(self) -> None:
        answer = self._choose.choice(ANSWERS)
        cut = self._choose.randrange(len(answer))
        self._type(answer[:cut])
        self._terminal.read(self._choose.choice((0, 0.03)))
        self._type(answer[cut:])

    def _paste(self) -> None:
        text = self._choose.choice(("chest\r3", "é" * 40, "[/]\x1b[31m", "x" * 5000, ""))
        self._type(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def _resize(self) -> None:
        rows, columns = self._choose.choice(SIZES)
        self.sent.append(f"{rows}x{columns}".encode())
        self._terminal.resize(rows, columns)


class Run:
    """Lets a monkey into every place of ``first`` in turn, in one app after the other."""

    def __init__(self, first: str, seed: int, root: Path, folder: Path, keys: list[bytes]) -> None:
        self._choose = random.Random(seed)
        self._arguments = ["review", str(root)] if first == "review" else ["--dataset", str(root)]
        self._places = PLACES[first]
        self._folder, self._keys = folder, keys
        self._terminal: LosableTerminal | None = None
        self._misses = 0
        self._reached = {name for name, place in self._places.items() if not place.shows}
        self.monkey: Monkey | None = None

    @property
    def missed(self) -> list[str]:
        """The places that the monkey has never been at."""
        return [name for name in self._places if name not in self._reached]

    def play(self, seconds: float, stay: float) -> None:
        """Play for ``seconds``, for ``stay`` at each place."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name in self._choose.sample(list(self._places), len(self._places)):
                terminal, monkey = self._open()
                self._note(name, monkey.go(self._places[name], stay))
                leaving = time.monotonic() + stay
                while terminal.process.poll() is None and time.monotonic() < leaving:
                    monkey.act()
                    terminal.read(self._choose.choice((0, 0.01, 0.05)))
                terminal.seen = terminal.seen[-5000:]
                if time.monotonic() > end:
                    break

    def _note(self, name: str, reached: bool) -> None:
        if not self._places[name].shows:
            return
        if reached:
            self._reached.add(name)
        self._misses = 0 if reached else self._misses + 1
        assert self._misses < MOST_MISSES, "the app does not answer any more"

    def _open(self) -> tuple[LosableTerminal, Monkey]:
        """The app; a new one if it was left or crashed."""
        if self._terminal is not None and self._terminal.process.poll() is not None:
            self.close()
        if self._terminal is None or self.monkey is None:
            self._terminal = LosableTerminal(
                self._arguments, self._folder, HOME=str(self._folder), **SMALL
            )
            self.monkey = Monkey(self._terminal, self._choose, self._keys)
            self._terminal.wait_for(b"\x1b[?1049h")
        return self._terminal, self.monkey

    def close(self) -> None:
        """End the app, and check how it ended."""
        terminal, self._terminal = self._terminal, None
        if terminal is None:
            return
        try:
            if terminal.process.poll() is None:
                terminal.process.send_signal(signal.SIGTERM)
                assert terminal.seconds_to_end(6) < 6
            last = terminal.seen[-3000:].decode(errors="replace")
            assert terminal.process.returncode in (0, 143), last
        finally:
            terminal.kill()


def unexpected_errors(log: str) -> list[str]:
    """Errors whose tracebacks are in ``log``, except widgets that were missed while they closed."""
    kinds = r"[\w.]+(?:Error|Exception|NoMatches|NoScreen|DuplicateIds)\b.*"
    errors = re.findall(rf"^[-\d]+ [\d:]+ (\w+) +({kinds})", log, re.MULTILINE)
    expected = re.compile(r"textual\.(?:css\.query\.NoMatches|dom\.NoScreen)\b")
    return [text for level, text in errors if level != "debug" or not expected.match(text)]


def run_monkey(first: str, root: Path, folder: Path, seconds: float, *, quits: bool) -> Run:
    seed = int(os.environ.get("XRAY_TUI_MONKEY_SEED", random.randrange(1 << 30)))
    seconds = float(os.environ.get("XRAY_TUI_MONKEY_SECONDS", seconds))
    print(f"XRAY_TUI_MONKEY_SEED={seed}")
    make_duplicates(root, (1, 2, 3), (4, 5))
    add_finished_job(root)
    run = Run(first, seed, root, folder, KEYS if quits else [key for key in KEYS if key != b"q"])
    try:
        run.play(seconds, stay=max(0.2, min(5.0, seconds / len(PLACES[first]) / 2)))
    finally:
        if run.monkey is not None:
            print("last inputs:", *run.monkey.sent, sep="\n  ")
        run.close()
    log = root / layout.LOG
    text = log.read_text() if log.exists() else ""
    assert unexpected_errors(text) == [], text
    assert verify(root).left == ()
    return run


@pytest.mark.parametrize("first", ["workbench", "review"])
def test_random_input_in_every_screen_causes_no_crash(
    first: str, root: Path, tmp_path: Path
) -> None:
    run_monkey(first, root, tmp_path, SECONDS, quits=False)


@pytest.mark.slow
@pytest.mark.parametrize("first", ["workbench", "review"])
def test_random_input_for_half_an_hour_causes_no_crash(
    first: str, root: Path, tmp_path: Path
) -> None:
    assert run_monkey(first, root, tmp_path, SLOW_SECONDS, quits=True).missed == []
