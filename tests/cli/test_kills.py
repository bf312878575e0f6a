"""kill -9 at any moment, many times: the final dataset is the same as without any kill."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.fork_server import ForkServer
from support.generation_samples import a_job
from support.killed_runs import PlannedRun, RunResult, random_run, run

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png
from xray_tui.dataset.repair.verifying import verify
from xray_tui.tasks import Job

KILLED = -9
IMAGES = 24
SEED = 20250
"""The seed of the random moments; another seed tests other moments."""

RunIt = Callable[[PlannedRun], RunResult]


@pytest.fixture(scope="module")
def run_it(parent: ForkServer) -> RunIt:
    return partial(run, parent=parent)


@pytest.fixture(scope="module")
def job() -> Job:
    return a_job(count=IMAGES, batch_size=4, steps=1)


def queue_job(root: Path, job: Job) -> Path:
    dataset = Dataset(root)
    dataset.queue.add(job)
    dataset.close()
    return root


@pytest.fixture(scope="module")
def undisturbed(
    run_it: RunIt, job: Job, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, np.ndarray]:
    """The grey levels of each file of an undisturbed run."""
    root = queue_job(tmp_path_factory.mktemp("undisturbed") / "D", job)
    result = run_it(PlannedRun(root))
    assert (result.code, len(result.saved)) == (0, IMAGES)
    return pixels(root)


def pixels(root: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in root.glob("*/*/*.png"):
        with Image.open(path) as picture:
            found[path.relative_to(root).as_posix()] = np.asarray(picture)
    return found


def assert_undisturbed(
    root: Path, job: Job, undisturbed: dict[str, np.ndarray], reported: dict[str, int]
) -> None:
    generated = pixels(root)
    assert generated.keys() == undisturbed.keys()  # none is missing or duplicated
    for file, levels in generated.items():
        assert np.array_equal(levels, undisturbed[file]), file
    for file, written in reported.items():
        assert (root / file).stat().st_mtime_ns == written, f"{file} was written twice"
    assert [path for path in root.rglob("*") if path.name.endswith((".tmp", "-journal"))] == [
        root / ".xray-tui" / "catalog.sqlite-journal"
    ]
    assert not (root / ".xray-tui" / "quarantine").exists()
    rows = [json.loads(line) for line in (root / "metadata.jsonl").read_text().splitlines()]
    assert sorted(row["file_name"] for row in rows) == sorted(generated)
    dataset = Dataset(root)
    try:
        assert dataset.mended is not None
        assert dataset.mended.lines == ()  # nothing is left to repair
        records = dataset.catalog.records()
        assert sorted(record.file for record in records) == sorted(generated)
        assert {record.task.id for record in records} == {task.id for task in job.tasks}
        for record in records:
            contents = png.read(root / record.file)
            assert (contents.task, contents.provenance) == (record.task, record.provenance)
        row = dataset.queue.row(job.id)
        assert row is not None
        assert (row.state, row.done, row.failed) == ("done", job.size, 0)
    finally:
        dataset.close()
    assert verify(root, lambda *_: None).findings.problems == ()


def kill_often(
    kills: int, draw: random.Random, run_it: RunIt, job: Job, folder: Path
) -> Iterator[tuple[Path, dict[str, int]]]:
    """Datasets whose job is done in spite of kills, and the files that were reported as saved.

    Stops once ``kills`` processes were killed, counted over all datasets.
    """
    number = 0
    while kills > 0:
        number += 1
        root = queue_job(folder / f"D{number}", job)
        reported: dict[str, int] = {}
        result = None
        while result is None or result.code == KILLED:
            result = run_it(random_run(draw, root) if kills > 0 else PlannedRun(root))
            assert not reported.keys() & result.saved.keys()
            reported |= result.saved
            kills -= result.code == KILLED
        assert result.code == 0
        yield root, reported


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_any_number_of_kills_changes_nothing(
    kills: int,
    run_it: RunIt,
    job: Job,
    undisturbed: dict[str, np.ndarray],
    tmp_path: Path,
) -> None:
    draw = random.Random(SEED + kills)
    for root, reported in kill_often(kills, draw, run_it, job, tmp_path):
        assert_undisturbed(root, job, undisturbed, reported)
