"""The speed of the review in a pseudo-terminal of 120×36, with up to 100,000 records.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_review_speed.py
Wall time is measured, from a key or the start of the process to the bytes that show the result, so
the machine must be idle. A filter is done when the cells of images are painted; their pictures and
the status line follow. Opening and filters are measured several times; the median counts.
"""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from support.answering_terminal import AnsweringTerminal
from support.key_times import (
    SIXEL,
    Condition,
    anything,
    both,
    holds,
    open_loupe,
    press,
    report,
    wait,
)
from support.review_datasets import write_large_dataset
from support.terminal import Terminal

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.query.parsing import parse

pytestmark = pytest.mark.benchmark

IMAGES, RECORDS = 2_000, 100_000
PRESSES = 100
ROUNDS = 5
PAGE_DOWN, CLEAR = "\x1b[6~", "\x15"
CURSOR = "▄▄▄▄▄▄▄▄"
"""The top of the frame around the cell under the cursor."""
NOTHING = "-is:undecided is:undecided"
QUERIES = (
    *("label:pneumonia", "rating>=3", "-tag:grid*", "effusion sort:-rating", "is:undecided"),
    *("is:disputed", "job:20261102", "scheduler:ddim steps>=14"),
    *("reviewer:bob", "note:costophrenic", "date>=2026-06-01 sort:-label"),
    "label:pneumonia rating>=3 -tag:grid* effusion verdict:accepted sort:-rating",
)

Open = Callable[..., Terminal]


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images") / "D"
    write_large_dataset(root, IMAGES, 512)
    return root


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("records") / "D"
    write_large_dataset(root, RECORDS, 512)
    return root


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Open]:
    opened: list[Terminal] = []

    def start(root: Path, mode: str = "halfcell") -> Terminal:
        (root / layout.SESSION).unlink(missing_ok=True)  # the filter of the test before
        arguments = ["review", str(root), "--reviewer", "anna", "--preview", mode]
        opened.append(AnsweringTerminal(arguments, tmp_path))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


# ---- 2,000 images of 512×512 ---------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "limit"), [("halfcell", 50), ("sixel", 120)])
@pytest.mark.parametrize("key", ["right", "p"])
def test_the_next_image_in_the_loupe(
    images: Path, review: Open, mode: str, limit: float, key: str
) -> None:
    terminal = review(images, mode)
    wait(terminal, time.perf_counter(), grid(IMAGES, mode))
    another = open_loupe(terminal, mode)
    cpu = cpu_seconds(terminal)
    responses = []
    for seed in seeds(images)[1 : PRESSES + 1]:
        caption = header(terminal.text)
        changed = both(another, lambda output, old=caption: header(output.text) != old)
        responses.append(press(terminal, key, changed))
        assert str(seed) in terminal.text
    cpu = (cpu_seconds(terminal) - cpu) / PRESSES
    name = f"next image by {key}, {mode}"
    image = report(f"{name}: the image", [response.seen for response in responses])
    report(f"{name}: the whole screen", [response.painted for response in responses])
    print(f"CPU for each: {1000 * cpu:.0f} ms")
    assert image < limit


def header(text: str) -> str:
    """The line above the picture, which names the image."""
    return text.splitlines()[1][:90]


def test_the_first_grid(images: Path, review: Open) -> None:
    whole, reading = [], []
    for _ in range(ROUNDS):
        (images / layout.THUMBNAILS).unlink(missing_ok=True)
        start = time.perf_counter()
        terminal = review(images)
        began = wait_for_screen(terminal, start)
        painted = wait(terminal, start, grid(IMAGES)).painted
        terminal.close()
        reading.append(painted - began)
        whole.append(painted)
    print_seconds("first grid from an empty screen, no cached thumbnails", reading)
    print_seconds("first grid from the start of the process", whole)
    assert statistics.median(reading) < 1


def wait_for_screen(terminal: Terminal, start: float) -> float:
    """Seconds until the app has taken over the terminal; it has read no dataset by then."""
    while b"\x1b[?1049h" not in terminal.read_raw(0.01):
        assert time.perf_counter() - start < 30
    return time.perf_counter() - start


# ---- 100,000 records -----------------------------------------------------------------------------


def test_opening_many_records(records: Path, review: Open) -> None:
    imports, opening, whole = [], [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "import xray_tui.cli.main, xray_tui.tui.review_app"], check=True
        )
        imports.append(time.perf_counter() - start)
        start = time.perf_counter()
        Dataset(records).close()
        opening.append(time.perf_counter() - start)
        start = time.perf_counter()
        terminal = review(records)
        whole.append(wait(terminal, start, grid(RECORDS)).seen)
        terminal.close()
    print_seconds("interpreter and imports alone", imports)
    print_seconds("opening the dataset alone", opening)
    print_seconds(f"start of the process to the grid, {RECORDS:,} records", whole)
    assert statistics.median(whole) < 1.5


def test_filters_among_many_records(records: Path, review: Open) -> None:
    terminal = review(records)
    wait(terminal, time.perf_counter(), grid(RECORDS))
    medians = []
    for query in QUERIES:
        count = len(found(records, query))
        responses = []
        for _ in range(ROUNDS):
            # with an empty screen first, any cell that appears belongs to the next query
            apply_filter(terminal, NOTHING, "/0")
            responses.append(1000 * apply_filter(terminal, query, CURSOR, f"/{count:,}"))
        medians.append(statistics.median(responses))
        each = ", ".join(f"{value:.0f}" for value in responses)
        print(f"\n{query}: {count:,}, median {medians[-1]:.0f} ms ({each})")
    assert max(medians) < 150


def apply_filter(terminal: Terminal, query: str, first: str, then: str = "") -> float:
    """Apply a filter; returns the seconds from Enter to ``first``; ``then`` must be shown too."""
    press(terminal, "/", anything)
    press(
        terminal, f"{CLEAR}{query}", anything, quiet=0.03
    )  # applied later if Enter is not pressed
    response = press(terminal, "enter", holds(first), quiet=0.2)
    assert then in terminal.text
    return response.seen


def test_memory_with_many_records(records: Path, review: Open) -> None:
    terminal = review(records)
    wait(terminal, time.perf_counter(), grid(RECORDS))
    opened = memory(terminal)
    for _ in range(30):
        press(terminal, PAGE_DOWN, anything)
    press(terminal, "enter", holds("pixels"))
    for _ in range(30):
        press(terminal, "right", holds("seed"))
    looked = memory(terminal)
    press(terminal, "escape", anything)
    press(terminal, "V", holds("marked"))
    press(terminal, "V", anything)
    press(terminal, "D", holds("duplicates"))
    peak = memory(terminal, "VmHWM")
    print(f"\nMB: opened {opened:.0f}, after 60 pages and images {looked:.0f}, at most {peak:.0f}")
    assert peak < 350


def grid(count: int, mode: str = "halfcell") -> Condition:
    """The condition that the first page of ``count`` images is painted, with the cursor."""
    frame = holds(f"1/{count:,}", "█")
    return both(frame, holds("▀") if mode == "halfcell" else lambda output: SIXEL in output.data)


def found(root: Path, query: str) -> list[int]:
    dataset = Dataset(root)
    try:
        return list(dataset.desk("anna").index.find(parse(query)))
    finally:
        dataset.close()


def seeds(root: Path) -> list[int]:
    """The seeds of the images, in order."""
    with closing(sqlite3.connect(root / layout.CATALOG)) as connection:
        return [
            seed for (seed,) in connection.execute("SELECT seed FROM images ORDER BY record_id")
        ]


def cpu_seconds(terminal: Terminal) -> float:
    """CPU seconds that the app has used."""
    times = psutil.Process(terminal.process.pid).cpu_times()
    return float(times.user + times.system)


def memory(terminal: Terminal, kind: str = "VmRSS") -> float:
    """Resident megabytes of the app: now, or the peak with VmHWM."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith(kind))
    return int(line.split()[1]) / 1000


def print_seconds(name: str, seconds: list[float]) -> None:
    each = ", ".join(f"{value:.2f}" for value in seconds)
    print(f"\n{name}, s: median {statistics.median(seconds):.2f} ({each})")
