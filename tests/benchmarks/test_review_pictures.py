"""The time for thumbnails and checks of 512×512 images, and for grouping their hashes.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_review_pictures.py
CPU time is measured, so that other load on the machine matters little.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.radiographs import radiograph

from xray_tui.dataset.checks.examining import examine
from xray_tui.dataset.checks.near_duplicates import groups
from xray_tui.dataset.files import layout
from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.dataset.files.thumbnails import Thumbnails

pytestmark = pytest.mark.benchmark

IMAGES = 100


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("xrays")
    (root / layout.PRIVATE).mkdir()
    found = [root / f"{number}.png" for number in range(IMAGES)]
    for number, path in enumerate(found):
        radiograph(number % 20, 512).save(path)
    return found


def milliseconds(function: Callable[[Any], object], arguments: Iterable[Any]) -> float:
    """The median CPU time of a call of ``function`` with one of ``arguments``."""
    times = []
    for argument in arguments:
        start = time.process_time()
        function(argument)
        times.append((time.process_time() - start) * 1000)
    return float(np.median(times))


def test_thumbnails_are_fast(paths: list[Path]) -> None:
    thumbnails = Thumbnails(paths[0].parent)
    first = milliseconds(thumbnails.get, paths)
    again = milliseconds(thumbnails.get, paths)
    thumbnails.close()
    print(f"\nthumbnail: {first:.2f} ms, cached: {again:.2f} ms")
    assert first < 20 and again < 1


def test_the_checks_are_fast(paths: list[Path]) -> None:
    examine(radiograph(0))  # imports scipy
    pictures: list[Image.Image] = [read_greyscale(path) for path in paths]
    took = milliseconds(examine, pictures)
    print(f"\nchecks: {took:.2f} ms")
    assert took < 10


@pytest.mark.parametrize("count", [10_000, 100_000])
@pytest.mark.parametrize("distance", [5, 8])
def test_grouping_is_fast(count: int, distance: int) -> None:
    random = np.random.default_rng(0)
    values = random.integers(0, 2**64, count, dtype=np.uint64)
    copies = random.integers(0, count, count // 10)
    values[: len(copies)] = values[copies] ^ (np.uint64(1) << np.uint64(7))
    hashes = [(number, f"{value:016x}", "chest") for number, value in enumerate(values.tolist())]
    took = milliseconds(lambda given: groups(given, distance), [hashes])
    print(f"\n{count} hashes, {distance} bits: {took:.0f} ms")
    assert took < 8_000
