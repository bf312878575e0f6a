"""An answer to TAB takes less than 150 ms, from the start of its process to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_job, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset

LINES = (
    ["gen"],
    ["generate", "knee"],
    ["generate", "--scheduler", "dpm"],
    ["generate", "--model", ""],
    ["jobs", "show", ""],
    ["review", "--filter", "label:"],
)
SECONDS = 0.15
ROUNDS = 21


@pytest.mark.benchmark
@pytest.mark.parametrize("arguments", LINES, ids=" ".join)
def test_an_answer_is_quick(arguments: list[str], tmp_path: Path) -> None:
    dataset = Dataset(tmp_path / "dataset")
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.queue.add(make_job([make_task(2)]))
    dataset.close()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        output = subprocess.run(
            [sys.executable, "-m", "xray_tui", *arguments],
            env={**os.environ, "_XRAY_TUI_COMPLETE": "fish"},
            cwd=tmp_path,
            capture_output=True,
            check=True,
        ).stdout
        times.append(time.perf_counter() - start)
        assert len(output.splitlines()) > 1
    median = sorted(times)[ROUNDS // 2]
    print(
        f"{' '.join(arguments)!r}: median {median * 1000:.0f} ms, best {min(times) * 1000:.0f} ms"
    )
    assert median < SECONDS
