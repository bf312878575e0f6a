"""A disk that fills up in the middle of a job: the job waits, and finishes when there is room."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.generation_samples import TIMEOUT, EngineSetup, a_job, long_job, once
from support.small_disk import mounted

from xray_tui.dataset.repair.verifying import verify
from xray_tui.errors import DatasetFullError
from xray_tui.generation.events import ImageSaved, JobFinished, JobStateChanged, LogLine
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.tasks import Job

DISK_BYTES = 4 << 20
ROOM_BYTES = 24 << 10
"""Space left for the first images."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with its own file system of DISK_BYTES."""
    with mounted(tmp_path / "disk", f"size={DISK_BYTES}") as folder:
        yield folder


@pytest.fixture
def setup(small_disk: Path, sampler: Sampler) -> Iterator[EngineSetup]:
    """An engine on that disk."""
    opened = EngineSetup(small_disk / "D", sampler)
    yield opened
    (small_disk / "ballast").unlink(missing_ok=True)
    opened.close()


@pytest.fixture
def fill(small_disk: Path) -> Callable[..., None]:
    """Fills the disk, except for ``room`` bytes."""

    def fill_disk(room: int = ROOM_BYTES) -> None:
        with (small_disk / "ballast").open("wb") as file:
            file.write(bytes(shutil.disk_usage(small_disk).free - room))

    return fill_disk


def run_until_full(setup: EngineSetup, fill: Callable[[], None]) -> Job:
    job = a_job(count=24, batch_size=2, steps=1)
    setup.reactions.append(once(ImageSaved, fill))
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged, lambda event: event.state == "paused")
    return job


def check_files(setup: EngineSetup) -> None:
    for file in setup.files():
        with Image.open(setup.root / file) as picture:
            picture.load()  # raises if the file is incomplete


def test_the_job_waits_logs_it_and_finishes_when_there_is_room(
    setup: EngineSetup, fill: Callable[[], None], small_disk: Path
) -> None:
    moments: list[str] = []
    setup.dataset.queue.announce = lambda _, moment: moments.append(moment)
    job = run_until_full(setup, fill)
    (error,) = setup.log("error")
    assert "the disk is full" in error
    assert "start again" not in error
    assert error.endswith("; the job is waiting and continues by itself")
    check_files(setup)
    time.sleep(5)  # the job retries in the meantime
    assert setup.leftovers() == []
    assert setup.seen(JobFinished) == []
    assert len(setup.log("error")) == 1  # logged once
    before = len(setup.seen(ImageSaved))
    assert 0 < before < 24

    (small_disk / "ballast").unlink()
    finished = setup.finish(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 24, 0)
    states = [event.state for event in setup.seen(JobStateChanged)]
    assert states == ["paused", "running"]
    assert "disk" in setup.seen(JobStateChanged)[0].message
    assert moments == ["waiting", "done"]
    assert "Writing works again: the job continues" in setup.log("info")
    assert len(setup.files()) == 24
    check_files(setup)
    saved = [event.record.task.id for event in setup.seen(ImageSaved)]
    assert len(saved) == len(set(saved)) == 24
    setup.engine.stop(finish_current=False)
    assert setup.engine.join(TIMEOUT)
    assert verify(setup.root, lambda *_: None).findings.problems == ()


def test_images_reported_as_saved_survive_a_stop_while_waiting(
    setup: EngineSetup, fill: Callable[[], None], small_disk: Path, sampler: Sampler
) -> None:
    job = run_until_full(setup, fill)
    start = time.monotonic()
    setup.engine.stop(finish_current=False)
    assert setup.engine.join(TIMEOUT)
    assert time.monotonic() - start < 5
    assert setup.finish(job).state == "interrupted"
    acknowledged = {event.record.file for event in setup.seen(ImageSaved)}
    assert acknowledged <= set(setup.files())
    check_files(setup)

    (small_disk / "ballast").unlink()
    again = EngineSetup(setup.root, sampler)
    try:
        assert again.job_states() == {job.id: "interrupted"}
        again.engine.resume_job(job.id)
        finished = again.wait_for(JobFinished, lambda event: event.state == "done")
        assert finished.skipped >= len(acknowledged)
        assert len(again.files()) == 24
    finally:
        again.close()


def test_deleting_the_dataset_during_a_job_fails_the_job(setup: EngineSetup) -> None:
    setup.reactions.append(once(ImageSaved, lambda: shutil.rmtree(setup.root)))
    finished = setup.run(a_job(count=24, batch_size=2, steps=1))[0]
    assert finished.state == "failed"
    assert "the dataset folder was deleted or moved away" in finished.message
    assert set(setup.log("error")) == {finished.message}
    assert not setup.root.exists()


def test_a_job_too_large_for_the_disk_logs_a_warning(
    setup: EngineSetup, fill: Callable[..., None]
) -> None:
    fill(300 << 10)
    job = long_job(count=60)
    setup.engine.submit(job)
    line = setup.wait_for(LogLine, lambda line: line.level == "warning")
    assert re.match(
        r"The images need about \d+ kB, but only \d+ kB is free: make room, or", line.text
    )
    setup.engine.cancel(job.id)


def test_a_job_queued_while_the_disk_is_full_is_refused(
    setup: EngineSetup, small_disk: Path
) -> None:
    with pytest.raises(OSError, match="No space"), (small_disk / "ballast").open("wb") as file:
        while True:
            file.write(bytes(1 << 14))
    with pytest.raises(DatasetFullError, match="full"):
        setup.engine.submit(a_job(count=200))
    (small_disk / "ballast").unlink()
    assert setup.run(a_job())[0].state == "done"
