"""What goes wrong in a job stays in that job, and is said in words a person can act on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.generation_samples import Calls, House, a_job, once

from xray_tui.errors import DatasetError, ModelError
from xray_tui.generation.events import Event, JobFinished, LogLine, StepDone, TaskFailed
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.models.catalogue import bundled_path

OpenHouse = Callable[[Sampler | None], House]


@pytest.fixture
def a_copy(tmp_path: Path) -> Path:
    """A copy of the bundled checkpoint, to be changed by replacing files."""
    return shutil.copytree(bundled_path(), tmp_path / "model", copy_function=os.link)


def test_a_model_that_changed_since_the_job_was_queued_is_not_used(
    open_house: OpenHouse, a_copy: Path
) -> None:
    job = a_job(model=str(a_copy))
    config = a_copy / "text_encoder" / "config.json"
    text = config.read_text()
    config.unlink()
    config.write_text(text + "\n")
    house = open_house(None)
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("failed", 0)
    assert "its files changed since the job was queued; queue the job again" in finished.message
    assert house.files() == []
    (finished,) = house.run(a_job(model=str(a_copy)))
    assert (finished.state, finished.made) == ("done", 1)


def test_a_missing_model_fails_its_job_only(house: House, a_copy: Path) -> None:
    gone = a_job(model=str(a_copy))
    shutil.rmtree(a_copy)
    finished = house.run(gone, a_job())
    assert [one.state for one in finished] == ["failed", "done"]
    assert str(a_copy) in finished[0].message
    assert house.log("error") == [finished[0].message]
    assert house.job_states()[gone.id] == "failed"


def test_an_exception_in_the_pipeline_fails_its_batch_only(
    house: House, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 3:  # the first step of the second batch
            raise RuntimeError("mat1 and mat2 \x1b[31m do not fit\nmore")

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    job = a_job(count=5, batch_size=2)
    (finished,) = house.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 3, 2)
    failed = house.told(TaskFailed)
    assert [event.task for event in failed] == list(job.batches[1])
    for event in failed:
        assert event.message == "RuntimeError: mat1 and mat2 ␛[31m do not fit"
    assert house.task_states(job) == ["done", "done", "failed", "failed", "done"]
    assert len(house.files()) == 3
    monkeypatch.undo()
    again = a_job(count=5, batch_size=2)
    assert house.run(again)[0].made == 2


def test_a_file_where_a_folder_should_be_ends_the_job_with_a_clear_message(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    (house.root / "chest").write_text("not a folder")
    job = a_job(count=3, batch_size=1)
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("failed", 0)
    assert str(house.root / "chest") in finished.message
    assert "move it away" in finished.message
    assert finished.message in house.log("error")
    assert house.leftovers() == []
    assert house.job_states() == {job.id: "failed"}
    written = capfd.readouterr()
    assert "Traceback" not in written.out + written.err

    (house.root / "chest").unlink()
    (finished,) = house.run(a_job(count=3, batch_size=1))
    assert (finished.state, finished.made) == ("done", 3)


def test_a_disk_that_fails_half_way_keeps_what_is_saved(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 3:
            raise DatasetError("the disk reports a failure; check it")

    monkeypatch.setattr(house.dataset, "save", Calls(house.dataset.save, before=before))
    (finished,) = house.run(a_job(count=6, batch_size=2))
    assert (finished.state, finished.made) == ("failed", 2)
    assert finished.message == "the disk reports a failure; check it"
    assert len(house.files()) == 2


HOLD = """
import sys, time
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
with Dataset(Path(sys.argv[1])).generator_lock():
    print("held", flush=True)
    time.sleep(300)
"""


def test_another_process_that_generates_is_named_and_waited_for(house: House) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(house.root)], stdout=subprocess.PIPE)
    job = a_job()
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        house.engine.submit(job)
        line = house.wait_for(LogLine, lambda event: "waits" in event.text)
        assert f"process {holder.pid} on " in line.text
        assert not house.engine.busy
        time.sleep(2)
        assert len(house.log()) == 1  # said once
        assert house.told(StepDone) == house.told(JobFinished) == []
        assert house.job_states() == {job.id: "queued"}
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    assert house.finish(job).state == "done"


@pytest.mark.parametrize("error", [RuntimeError("boom \x1b[31m"), MemoryError(), KeyError(3)])
def test_a_mistake_of_ours_does_not_end_the_thread(
    error: Exception,
    house: House,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def mistake(ref: str) -> None:
        raise error

    job, other = a_job(seed=1), a_job(seed=2, steps=1)
    monkeypatch.setattr("xray_tui.generation.running.job_run.resolve", mistake)
    (finished,) = house.run(job)
    assert finished.state == "failed"
    assert type(error).__name__ in finished.message
    assert finished.message.isprintable()
    assert any(finished.message in text for text in house.log("error"))
    monkeypatch.undo()
    assert house.run(other)[0].state == "done"
    assert "Traceback" not in capfd.readouterr().err


def test_a_listener_that_fails_does_not_end_the_thread(house: House) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("the screen is gone")

    house.reactions.append(fail)
    (finished,) = house.run(a_job(count=2, batch_size=1))
    assert (finished.state, finished.made) == ("done", 2)
    house.reactions.clear()
    assert house.run(a_job(seed=1))[0].state == "done"


def test_a_model_error_while_planning_queues_nothing(house: House) -> None:
    with pytest.raises(ModelError):
        house.engine.submit(a_job(model="/no/such/model"))
    assert house.job_states() == {}
    assert not house.engine.busy


def test_a_job_whose_tasks_are_damaged_fails_and_the_next_one_runs(house: House) -> None:
    house.engine.pause()
    damaged, other = a_job(seed=1), a_job(seed=2)
    house.engine.submit(damaged)
    house.engine.submit(other)
    connection = sqlite3.connect(house.root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE tasks SET task = '{' WHERE job_id = ?", (damaged.id,))
    connection.close()
    house.engine.resume()
    failed = house.finish(damaged)
    assert (failed.state, failed.made) == ("failed", 0)
    assert "damaged" in failed.message
    assert house.finish(other).state == "done"


def test_a_dataset_taken_over_from_another_host_is_left_to_it(house: House) -> None:
    named = house.root / ".xray-tui" / "generator.json"
    job = a_job(count=4, batch_size=1, steps=4)

    def steal() -> None:
        named.write_text(json.dumps({**json.loads(named.read_text()), "host": "elsewhere"}))

    house.reactions.append(once(StepDone, steal))
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("interrupted", 0)
    assert "elsewhere" in finished.message
    assert "taken this dataset over" in finished.message
    assert house.job_states() == {job.id: "running"}  # as the other one says
    assert house.files() == house.leftovers() == []
