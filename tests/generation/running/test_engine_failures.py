"""A failure affects only its own job, and its message says what to do."""

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
from support.generation_samples import Calls, EngineSetup, a_job, once

from xray_tui.errors import DatasetError, ModelError
from xray_tui.generation.events import Event, JobFinished, LogLine, StepDone, TaskFailed
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.models.catalogue import bundled_path

OpenEngine = Callable[[Sampler | None], EngineSetup]


@pytest.fixture
def model_copy(tmp_path: Path) -> Path:
    """A copy of the bundled checkpoint; change it by replacing files, not by writing to them."""
    return shutil.copytree(bundled_path(), tmp_path / "model", copy_function=os.link)


def test_a_model_that_changed_since_the_job_was_queued_is_not_used(
    open_engine: OpenEngine, model_copy: Path
) -> None:
    job = a_job(model=str(model_copy))
    config = model_copy / "text_encoder" / "config.json"
    text = config.read_text()
    config.unlink()
    config.write_text(text + "\n")
    setup = open_engine(None)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("failed", 0)
    assert "its files changed since the job was queued; queue the job again" in finished.message
    assert setup.files() == []
    (finished,) = setup.run(a_job(model=str(model_copy)))
    assert (finished.state, finished.made) == ("done", 1)


def test_a_missing_model_fails_its_job_only(setup: EngineSetup, model_copy: Path) -> None:
    gone = a_job(model=str(model_copy))
    shutil.rmtree(model_copy)
    finished = setup.run(gone, a_job())
    assert [event.state for event in finished] == ["failed", "done"]
    assert str(model_copy) in finished[0].message
    assert setup.log("error") == [finished[0].message]
    assert setup.job_states()[gone.id] == "failed"


def test_an_exception_in_the_pipeline_fails_its_batch_only(
    setup: EngineSetup, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 3:  # the first step of the second batch
            raise RuntimeError("mat1 and mat2 \x1b[31m do not fit\nmore")

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    job = a_job(count=5, batch_size=2)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 3, 2)
    failed = setup.seen(TaskFailed)
    assert [event.task for event in failed] == list(job.batches[1])
    for event in failed:
        assert event.message == "RuntimeError: mat1 and mat2 ␛[31m do not fit"
    assert setup.task_states(job) == ["done", "done", "failed", "failed", "done"]
    assert len(setup.files()) == 3
    monkeypatch.undo()
    again = a_job(count=5, batch_size=2)
    assert setup.run(again)[0].made == 2


def test_a_file_in_place_of_a_folder_ends_the_job_with_a_clear_message(
    setup: EngineSetup, capfd: pytest.CaptureFixture[str]
) -> None:
    (setup.root / "chest").write_text("not a folder")
    job = a_job(count=3, batch_size=1)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("failed", 0)
    assert str(setup.root / "chest") in finished.message
    assert "move it elsewhere" in finished.message
    assert finished.message in setup.log("error")
    assert setup.leftovers() == []
    assert setup.job_states() == {job.id: "failed"}
    written = capfd.readouterr()
    assert "Traceback" not in written.out + written.err

    (setup.root / "chest").unlink()
    (finished,) = setup.run(a_job(count=3, batch_size=1))
    assert (finished.state, finished.made) == ("done", 3)


def test_a_disk_that_fails_half_way_keeps_the_saved_images(
    setup: EngineSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 3:
            raise DatasetError("the disk reports a failure; check it")

    monkeypatch.setattr(setup.dataset, "save", Calls(setup.dataset.save, before=before))
    (finished,) = setup.run(a_job(count=6, batch_size=2))
    assert (finished.state, finished.made) == ("failed", 2)
    assert finished.message == "the disk reports a failure; check it"
    assert len(setup.files()) == 2


HOLD = """
import sys, time
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
with Dataset(Path(sys.argv[1])).generator_lock(leaves_jobs=True):
    print("held", flush=True)
    time.sleep(300)
"""


def test_the_job_waits_for_another_process_that_generates_and_names_it(setup: EngineSetup) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(setup.root)], stdout=subprocess.PIPE)
    job = a_job()
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        setup.engine.submit(job)
        line = setup.wait_for(LogLine, lambda event: "Waiting to generate" in event.text)
        assert f"process {holder.pid} on " in line.text
        assert not setup.engine.busy
        time.sleep(2)
        assert len(setup.log()) == 1  # logged once
        assert setup.seen(StepDone) == setup.seen(JobFinished) == []
        assert setup.job_states() == {job.id: "queued"}
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    assert setup.finish(job).state == "done"


@pytest.mark.parametrize("error", [RuntimeError("boom \x1b[31m"), MemoryError(), KeyError(3)])
def test_an_unexpected_exception_does_not_end_the_thread(
    error: Exception,
    setup: EngineSetup,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(ref: str) -> None:
        raise error

    job, other = a_job(seed=1), a_job(seed=2, steps=1)
    monkeypatch.setattr("xray_tui.generation.running.job_run.resolve", fail)
    (finished,) = setup.run(job)
    assert finished.state == "failed"
    assert type(error).__name__ in finished.message
    assert finished.message.isprintable()
    assert any(finished.message in text for text in setup.log("error"))
    monkeypatch.undo()
    assert setup.run(other)[0].state == "done"
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("place", "error"),
    [("JobRun", RuntimeError("boom")), ("QueueObserver.begin", SystemExit(3))],
)
def test_a_job_that_a_bug_keeps_from_running_is_interrupted_and_can_be_resumed(
    place: str, error: BaseException, setup: EngineSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine tried it again for ever; or its thread ended, and the job stayed "running"."""

    def fail(*_: object) -> None:
        raise error

    job = a_job(steps=1)
    monkeypatch.setattr(f"xray_tui.generation.running.queue_worker.{place}", fail)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("interrupted", 0)
    assert finished.message == reason(error)
    assert setup.log("error") == [f"Unexpected problem: {reason(error)}"]
    monkeypatch.undo()
    assert setup.engine.resume_job(job.id)
    setup.wait_for(JobFinished, lambda event: event.state == "done")


def test_an_engine_whose_thread_ends_is_not_waited_for(
    setup: EngineSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object, **named: object) -> None:
        raise RuntimeError("boom")

    loop = "xray_tui.generation.running.queue_worker.work_until_stopped"
    monkeypatch.setattr(loop, end)
    setup.engine.start()
    assert setup.engine.join(10)
    assert setup.log("error") == ["The engine stopped: RuntimeError: boom"]


def test_a_listener_that_fails_does_not_end_the_thread(setup: EngineSetup) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("the screen is gone")

    setup.reactions.append(fail)
    (finished,) = setup.run(a_job(count=2, batch_size=1))
    assert (finished.state, finished.made) == ("done", 2)
    setup.reactions.clear()
    assert setup.run(a_job(seed=1))[0].state == "done"


def test_a_model_error_while_planning_queues_nothing(setup: EngineSetup) -> None:
    with pytest.raises(ModelError):
        setup.engine.submit(a_job(model="/no/such/model"))
    assert setup.job_states() == {}
    assert not setup.engine.busy


def test_a_job_whose_tasks_are_damaged_fails_and_the_next_one_runs(setup: EngineSetup) -> None:
    setup.engine.pause()
    damaged, other = a_job(seed=1), a_job(seed=2)
    setup.engine.submit(damaged)
    setup.engine.submit(other)
    connection = sqlite3.connect(setup.root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE tasks SET task = '{' WHERE job_id = ?", (damaged.id,))
    connection.close()
    setup.engine.resume()
    failed = setup.finish(damaged)
    assert (failed.state, failed.made) == ("failed", 0)
    assert "damaged" in failed.message
    assert setup.finish(other).state == "done"


def test_a_job_ends_when_another_host_takes_the_dataset_over(setup: EngineSetup) -> None:
    named = setup.root / ".xray-tui" / "generator.json"
    job = a_job(count=4, batch_size=1, steps=4)

    def steal() -> None:
        named.write_text(json.dumps({**json.loads(named.read_text()), "host": "elsewhere"}))

    setup.reactions.append(once(StepDone, steal))
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("interrupted", 0)
    assert "elsewhere" in finished.message
    assert "taken over this dataset" in finished.message
    assert setup.job_states() == {job.id: "running"}  # the other host decides that
    assert setup.files() == setup.leftovers() == []
