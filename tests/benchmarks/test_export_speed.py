"""The time of an export next to ``cp -r``, of a split of 100,000 images, and the memory.

Run it on an idle machine with pytest -n 0 -m benchmark -s tests/benchmarks/test_export_speed.py
"""

from __future__ import annotations

import random
import shutil
import subprocess
import time
import tracemalloc
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from support.exports import export_dataset
from support.review_datasets import save_images, write_large_dataset

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.export.selection import choose
from xray_tui.dataset.export.splitting import split
from xray_tui.dataset.files import layout
from xray_tui.dataset.query.parsing import parse

pytestmark = pytest.mark.benchmark

IMAGES = 10_000
SIDE = 256
ROUNDS = 5
SPLIT = 100_000
SECONDS = 20
MEGABYTES = 100


def test_an_export_takes_at_most_twice_as_long_as_cp(tmp_path: Path) -> None:
    root, path = tmp_path / "xrays", tmp_path / "release"
    save_images(root, IMAGES, SIDE)
    times: dict[str, list[float]] = {"cp -r": [], "export": []}
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run(["cp", "-r", str(root), str(tmp_path / "copy")], check=True)
        times["cp -r"].append(time.perf_counter() - start)
        shutil.rmtree(tmp_path / "copy")
        start = time.perf_counter()
        export_dataset(root, path, "imagefolder", only="all")
        times["export"].append(time.perf_counter() - start)
        shutil.rmtree(path)
    for side, taken in times.items():
        print(f"\n{side}: median {median(taken):.2f} s of {[round(one, 2) for one in taken]}")
    assert median(times["export"]) <= 2 * median(times["cp -r"])


def test_a_split_of_100_000_images(tmp_path: Path) -> None:
    root = tmp_path / "xrays"
    write_large_dataset(root, SPLIT, 64)
    draw = random.Random(1)
    with closing(Database(root / layout.CATALOG)) as database:
        images = choose(database, "all", parse(""), "ann")
    images = [one._replace(phash=f"{draw.getrandbits(64):016x}") for one in images]
    tracemalloc.start()
    start = time.perf_counter()
    found = split(images, (80, 10, 10), 7)
    taken = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    print(f"\n{len(found):,} images: {taken:.1f} s, peak {peak / 1e6:.0f} MB (traced)")
    assert taken < SECONDS and peak < MEGABYTES * 1e6
