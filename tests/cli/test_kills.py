"""kill -9 at any moment, many times: in the end the dataset is as if nothing had happened."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import a_job
from support.killing import Ended, Round, random_round, run
from support.warm import Warm

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png
from xray_tui.dataset.repair.verifying import verify
from xray_tui.tasks import Job

KILLED = -9
IMAGES = 24
SEED = 20250
"""Of the moments; another one finds other moments."""

RunRound = Callable[[Round], Ended]


@pytest.fixture(scope="module")
def run_round(parent: Warm) -> RunRound:
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
    run_round: RunRound, job: Job, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, np.ndarray]:
    """The grey levels of each file of a run that nobody disturbs."""
    root = queue_job(tmp_path_factory.mktemp("undisturbed") / "D", job)
    ended = run_round(Round(root))
    assert (ended.code, len(ended.saved)) == (0, IMAGES)
    return pixels(root)


def pixels(root: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in root.glob("*/*/*.png"):
        with Image.open(path) as picture:
            found[path.relative_to(root).as_posix()] = np.asarray(picture)
    return found


def check_as_if_nothing_happened(
    root: Path, job: Job, undisturbed: dict[str, np.ndarray], acknowledged: dict[str, int]
) -> None:
    made = pixels(root)
    assert made.keys() == undisturbed.keys()  # none missing, none double
    for file, levels in made.items():
        assert np.array_equal(levels, undisturbed[file]), file
    for file, written in acknowledged.items():
        assert (root / file).stat().st_mtime_ns == written, f"{file} was made twice"
    assert [path for path in root.rglob("*") if path.name.endswith((".tmp", "-journal"))] == [
        root / ".xray-tui" / "catalog.sqlite-journal"
    ]
    assert not (root / ".xray-tui" / "quarantine").exists()
    rows = [json.loads(line) for line in (root / "metadata.jsonl").read_text().splitlines()]
    assert sorted(row["file_name"] for row in rows) == sorted(made)
    dataset = Dataset(root)
    try:
        assert dataset.mended is not None
        assert dataset.mended.lines == ()  # nothing is left to mend
        records = dataset.catalog.records()
        assert sorted(record.file for record in records) == sorted(made)
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
    kills: int, draw: random.Random, run_round: RunRound, job: Job, folder: Path
) -> Iterator[tuple[Path, dict[str, int]]]:
    """Datasets whose job is done at last; all in all ``kills`` children were killed for them."""
    number = 0
    while kills > 0:
        number += 1
        root = queue_job(folder / f"D{number}", job)
        acknowledged: dict[str, int] = {}
        ended = None
        while ended is None or ended.code == KILLED:
            one = random_round(draw, root) if kills > 0 else Round(root)
            ended = run_round(one)
            assert not acknowledged.keys() & ended.saved.keys()
            acknowledged |= ended.saved
            kills -= ended.code == KILLED
        assert ended.code == 0
        yield root, acknowledged


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_any_number_of_kills_changes_nothing(
    kills: int,
    run_round: RunRound,
    job: Job,
    undisturbed: dict[str, np.ndarray],
    tmp_path: Path,
) -> None:
    draw = random.Random(SEED + kills)
    for root, acknowledged in kill_often(kills, draw, run_round, job, tmp_path):
        check_as_if_nothing_happened(root, job, undisturbed, acknowledged)
