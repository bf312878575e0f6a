"""``xray-tui generate`` and others that use the same dataset meanwhile."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.generating import JOB, StartOne

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import HOLDER

SLOW_JOB = [*JOB, "--count", "2", "--steps", "30"]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Dataset]:
    """The dataset, as another process sees it."""
    dataset = Dataset(tmp_path / "D")
    yield dataset
    dataset.close()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def generates(dataset: Dataset) -> int | None:
    holder = dataset.lock_holder()
    return None if holder is None else holder.pid


def test_a_job_paused_and_resumed_elsewhere_stays_with_its_command(
    other: Dataset, tmp_path: Path, start: StartOne
) -> None:
    one = start(tmp_path, SLOW_JOB)
    job_id = one.wait_for("StepDone")["job_id"]
    assert other.queue.pause(job_id)
    one.wait_for("JobStateChanged", state="paused")
    time.sleep(1.5)  # time enough to give the dataset up
    assert generates(other) == one.process.pid
    assert other.queue.resume(job_id)
    one.wait_for("StepDone")
    assert one.end() == 0
    assert generates(other) is None


def test_one_that_waits_for_a_paused_queue_is_no_job_left_behind(
    other: Dataset, tmp_path: Path, start: StartOne
) -> None:
    other.queue.set_paused(True)
    one = start(tmp_path, JOB)
    one.wait_for("QueuePaused")
    wait_until(lambda: generates(other) == one.process.pid)
    other.queue.set_paused(False)
    assert one.end() == 0


def test_a_job_that_another_process_leaves_is_ended_by_its_command(
    other: Dataset, tmp_path: Path, start: StartOne
) -> None:
    with other.generator_lock():  # as an app that makes images has
        one = start(tmp_path, JOB)
        job_id = one.wait_for("JobQueued")["job_id"]
        other.queue.start(job_id)
        one.wait_for("JobStarted")
        other.queue.finish(job_id, "interrupted")  # it quits
        one.wait_for("JobStateChanged", state="queued")
        assert generates(other) is None  # nobody but this process
    assert one.end() == 0
    assert one.events[-1]["made"] == 8
    assert len(list(tmp_path.glob("D/knee/healthy/*.png"))) == 8


def test_a_device_that_is_not_here_is_bad_input(tmp_path: Path, start: StartOne) -> None:
    one = start(tmp_path, [*JOB, "--device", "cuda:77"])
    assert (one.end(), one.events) == (2, [])
    assert (tmp_path / "stderr.txt").read_text().startswith("xray-tui: device cuda:77: not ")
    assert not (tmp_path / "D").exists()


def test_a_device_is_looked_for_where_the_images_are_made(
    other: Dataset, tmp_path: Path, start: StartOne
) -> None:
    holder = {"host": "another-host", "pid": 1, "since": "2026-01-01T00:00:00", "started": 0.0}
    (other.root / HOLDER).write_text(json.dumps(holder))
    one = start(tmp_path, [*JOB, "--device", "cuda:77"])
    one.wait_for("JobQueued")
    one.signal(signal.SIGTERM)
