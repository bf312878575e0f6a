"""The process of the app ends within 5 seconds of any reason to end (F3, case 05-hangup).

Before, one in four processes stayed when the terminal was closed under load: Textual's writer
thread had ended, and the main thread waited for it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.losable_terminal import LosableTerminal, quarter_of_a_core

from xray_tui.dataset.dataset import Dataset

IMAGES = 6
LIMIT = 5.0
SPARE = 0.5
"""Seconds the test itself may need to notice the end, on a busy machine."""
ENDINGS = int(os.environ.get("XRAY_TUI_ENDINGS", "50"))
"""How often each of the slow tests ends the app under load."""
SMALL = {
    "XRAY_TUI_COUNT": "60",
    "XRAY_TUI_STEPS": "3",
    "XRAY_TUI_WIDTH": "64",
    "XRAY_TUI_HEIGHT": "64",
    "XRAY_TUI_BATCH_SIZE": "1",
}

Way = Callable[[LosableTerminal], None]


def signalled(number: signal.Signals) -> Way:
    return lambda terminal: terminal.process.send_signal(number)


def stopped_then_closed(terminal: LosableTerminal) -> None:
    terminal.process.send_signal(signal.SIGSTOP)
    time.sleep(0.2)
    terminal.close()
    terminal.process.send_signal(signal.SIGCONT)


def blocked_then_signalled(terminal: LosableTerminal) -> None:
    """Nothing is read from the terminal, so every write waits; keys cause more writes."""
    for _ in range(40):
        terminal.type(b"\t")
        time.sleep(0.02)
    terminal.process.send_signal(signal.SIGTERM)
    time.sleep(LIMIT - SPARE)


def quit_then_closed(terminal: LosableTerminal) -> None:
    terminal.type(b"q")
    time.sleep(0.25)
    terminal.close()


WAYS: dict[str, tuple[Way, bool, set[int], bool]] = {
    # the way; is there a SIGHUP; exit codes; is there a terminal left to be restored
    "q": (lambda terminal: terminal.type(b"q"), True, {0}, True),
    "SIGTERM": (signalled(signal.SIGTERM), True, {143}, True),
    "SIGHUP": (signalled(signal.SIGHUP), True, {129}, True),
    "SIGINT": (signalled(signal.SIGINT), True, {130}, True),
    "closed": (lambda terminal: terminal.close(), True, {129}, False),
    "closed without a signal": (lambda terminal: terminal.close(), False, {129}, False),
    "EIO on write": (lambda terminal: terminal.close(terminal.output), False, {129}, False),
    "EOF on read": (lambda terminal: terminal.close(terminal.input), False, {129}, False),
    "stopped, then closed": (stopped_then_closed, True, {129}, False),
    "blocked, then SIGTERM": (blocked_then_signalled, True, {143}, False),
    "q, then closed": (quit_then_closed, True, {0, 129}, False),
}


@pytest.fixture
def terminals() -> Iterator[list[LosableTerminal]]:
    opened: list[LosableTerminal] = []
    yield opened
    for terminal in opened:
        terminal.kill()


def open_app(app: str, root: Path, folder: Path, *, hang_up_signal: bool) -> LosableTerminal:
    arguments = ["review", str(root)] if app == "review" else ["--dataset", str(root)]
    return LosableTerminal(arguments, folder, hang_up_signal=hang_up_signal, **SMALL)


def fault_of_ending(terminal: LosableTerminal, way: str) -> tuple[float, str]:
    """End the app in this way; returns the seconds that took, and what is wrong, or nothing."""
    lose, _, codes, restored = WAYS[way]
    start = time.monotonic()
    lose(terminal)
    terminal.seconds_to_end(LIMIT + SPARE - (time.monotonic() - start))
    seconds, code = time.monotonic() - start, terminal.process.poll()
    if code is None:
        return seconds, f"still there after {LIMIT} s: {way}"
    if code not in codes:
        return seconds, f"exit code {code}: {way}"
    if restored and not terminal.restored:
        return seconds, f"the terminal is not restored: {way}"
    return seconds, ""


def assert_ends(terminal: LosableTerminal, way: str) -> None:
    assert fault_of_ending(terminal, way)[1] == ""


def make_ready(terminal: LosableTerminal, app: str) -> None:
    terminal.wait_for(b"undecided" if app == "review" else b"No images yet")
    terminal.read(0.3)


QUICK = {
    ("app", "q"), ("app", "EIO on write"), ("app", "blocked, then SIGTERM"), ("review", "closed"),
}  # fmt: skip
"""What the default suite tries; the slow one tries all ways."""
EVERY_WAY = [
    pytest.param(app, way, marks=() if (app, way) in QUICK else pytest.mark.slow)
    for app in ("app", "review")
    for way in WAYS
]


@pytest.mark.parametrize(("app", "way"), EVERY_WAY)
def test_it_ends_in_time(
    app: str, way: str, root: Path, tmp_path: Path, terminals: list[LosableTerminal]
) -> None:
    dataset = root if app == "review" else tmp_path / "dataset"
    terminals.append(open_app(app, dataset, tmp_path, hang_up_signal=WAYS[way][1]))
    make_ready(terminals[0], app)
    assert_ends(terminals[0], way)


def generate_until_an_image_is_saved(terminal: LosableTerminal, dataset: Path) -> None:
    make_ready(terminal, "app")
    terminal.type(b"g")
    end = time.monotonic() + 120
    while not list(dataset.glob("chest/*/*.png")):
        assert time.monotonic() < end
        terminal.read(0.2)


@pytest.mark.parametrize(
    "way",
    [
        "closed",
        pytest.param("SIGTERM", marks=pytest.mark.slow),
        pytest.param("blocked, then SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_it_ends_in_time_while_generating_and_the_job_is_interrupted(
    way: str, tmp_path: Path, terminals: list[LosableTerminal]
) -> None:
    root = tmp_path / "dataset"
    terminals.append(open_app("app", root, tmp_path, hang_up_signal=True))
    generate_until_an_image_is_saved(terminals[0], root)
    assert_ends(terminals[0], way)
    dataset = Dataset(root)
    try:
        (job,) = dataset.queue.rows()
        assert job.state == "interrupted"
        assert dataset.lock_holder() is None
    finally:
        dataset.close()


def put_on(core: int, process: int) -> None:
    """Let all threads of ``process`` run on this core only."""
    for task in Path(f"/proc/{process}/task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


class Tally:
    """Ends one app after the other, and keeps what went wrong."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._faults: list[str] = []

    def end(self, terminal: LosableTerminal, way: str) -> None:
        seconds, fault = fault_of_ending(terminal, way)
        terminal.kill()
        self._seconds.append(seconds)
        self._faults += [f"{len(self._seconds)}: {fault} ({seconds:.1f} s)"] if fault else []

    def check(self) -> None:
        print(f"{len(self._seconds)} endings, the slowest {max(self._seconds):.1f} s")
        assert not self._faults, "\n".join(self._faults)


@pytest.mark.slow
@pytest.mark.parametrize("app", ["app", "review"])
def test_endings_under_a_quarter_of_a_core(
    app: str, root: Path, tmp_path: Path, terminals: list[LosableTerminal]
) -> None:
    dataset, tally = root if app == "review" else tmp_path / "x", Tally()
    with quarter_of_a_core() as core:
        for number in range(ENDINGS):
            way = list(WAYS)[number % len(WAYS)]
            terminal = open_app(app, dataset, tmp_path, hang_up_signal=WAYS[way][1])
            terminals.append(terminal)
            make_ready(terminal, app)
            put_on(core, terminal.process.pid)
            tally.end(terminal, way)
    tally.check()


@pytest.mark.slow
def test_endings_while_generating(tmp_path: Path, terminals: list[LosableTerminal]) -> None:
    tally = Tally()
    with quarter_of_a_core() as core:
        for number in range(ENDINGS):
            way = ["closed", "q, then closed", "SIGHUP", "EIO on write", "SIGTERM"][number % 5]
            root = tmp_path / f"dataset-{number}"
            terminal = open_app("app", root, tmp_path, hang_up_signal=WAYS[way][1])
            terminals.append(terminal)
            generate_until_an_image_is_saved(terminal, root)
            put_on(core, terminal.process.pid)
            if way == "q, then closed":  # it asks what to do with the job
                terminal.type(b"q")
                terminal.read(1)
            tally.end(terminal, way)
    tally.check()
