"""``xray-tui generate`` while other processes use the same dataset."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.generate_process import JOB, StartGenerate
from support.generation_samples import a_job

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import HOLDER

SLOW_JOB = [*JOB, "--count", "2", "--steps", "30"]


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Dataset]:
    """The dataset, opened here as another process would open it."""
    dataset = Dataset(tmp_path / "D")
    yield dataset
    dataset.close()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def generator_pid(dataset: Dataset) -> int | None:
    """The process that generates into the dataset, if any."""
    holder = dataset.lock_holder()
    return None if holder is None else holder.pid


def test_a_job_paused_and_resumed_by_another_process_stays_with_its_command(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    command = start(tmp_path, SLOW_JOB)
    job_id = command.wait_for("StepDone")["job_id"]
    assert other.queue.pause(job_id)
    command.wait_for("JobStateChanged", state="paused")
    time.sleep(1.5)  # enough time to release the lock
    assert generator_pid(other) == command.process.pid
    assert other.queue.resume(job_id)
    command.wait_for("StepDone")
    assert command.end() == 0
    assert generator_pid(other) is None


def test_a_command_waits_for_a_paused_queue_and_then_runs_its_job(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    other.queue.set_paused(True)
    command = start(tmp_path, JOB)
    command.wait_for("QueuePaused")
    wait_until(lambda: generator_pid(other) == command.process.pid)
    other.queue.set_paused(False)
    assert command.end() == 0


def test_ctrl_c_while_paused_says_what_waits_and_how_to_resume_it(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    other.queue.set_paused(True)
    command = start(tmp_path, [argument for argument in JOB if argument != "--json"])
    wait_until(lambda: generator_pid(other) == command.process.pid)
    command.signal(signal.SIGINT)
    assert command.end() == 130
    (job,) = other.queue.rows()
    output = "".join(command.lines)
    assert "The queue is paused, so its jobs wait. To resume it, " in output
    assert f"Job {job.id} stays queued: 0 generated, 0 already existed, 0 failed" in output
    assert (tmp_path / "stderr.txt").read_text() == "Stopping.\n"  # no step ran
    assert f"Resume: xray-tui generate --resume {job.id} --dataset " in output


def test_ctrl_c_while_another_process_takes_the_job_does_not_call_it_interrupted(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    with other.generator_lock():  # as an open app that generates other jobs
        command = start(tmp_path, [argument for argument in JOB if argument != "--json"])
        command.wait_for_line("as it does all jobs of this dataset; its progress is shown here")
        command.signal(signal.SIGINT)
        assert command.end() == 130
    (job,) = other.queue.rows()
    assert job.state == "queued"
    output = "".join(command.lines)
    assert f"Job {job.id} stays queued. Process {os.getpid()} generates it. To cancel" in output
    assert "Interrupted" not in output and "Resume" not in output and "stop it" not in output


def test_a_job_that_another_process_leaves_unfinished_is_finished_by_its_command(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    with other.generator_lock():  # as a generating app does
        command = start(tmp_path, JOB)
        job_id = command.wait_for("JobQueued")["job_id"]
        other.queue.start(job_id)
        command.wait_for("JobStarted")
        other.queue.finish(job_id, "interrupted")  # the other process quits
        command.wait_for("JobStateChanged", state="queued")
        assert generator_pid(other) is None  # only this test held the lock
    assert command.end() == 0
    assert command.events[-1]["made"] == 8
    assert len(list(tmp_path.glob("D/knee/healthy/*.png"))) == 8


def test_a_device_that_does_not_exist_is_refused_as_wrong_input(
    tmp_path: Path, start: StartGenerate
) -> None:
    command = start(tmp_path, [*JOB, "--device", "cuda:77"])
    assert (command.end(), command.events) == (2, [])
    assert (tmp_path / "stderr.txt").read_text().startswith("xray-tui: device cuda:77: not ")
    assert not (tmp_path / "D").exists()


def test_devices_are_not_checked_here_if_another_host_generates(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    holder = {"host": "another-host", "pid": 1, "since": "2026-01-01T00:00:00", "started": 0.0}
    (other.root / HOLDER).write_text(json.dumps(holder))
    command = start(tmp_path, [*JOB, "--device", "cuda:77"])
    command.wait_for("JobQueued")
    command.signal(signal.SIGTERM)


def test_jobs_that_another_process_generates_for_itself_are_not_shown(
    other: Dataset, tmp_path: Path, start: StartGenerate
) -> None:
    with other.generator_lock():  # as an app does
        command = start(tmp_path, JOB)
        own = command.wait_for("JobQueued")["job_id"]
        foreign = a_job(count=1)
        other.queue.add(foreign)
        other.queue.start(foreign.id)
        wait_until(lambda: other.queue.cancel(foreign.id))
        other.queue.start(own)
        command.wait_for("JobStarted", job_id=own)
        other.queue.finish(own, "done")
        command.end()
    assert {event.get("job_id", own) for event in command.events} == {own}
