"""The engine as a user meets it: jobs in order, events in order, images once and whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import PATIENCE, Calls, House, a_job, a_prompt, levels

from xray_tui.dataset import png
from xray_tui.errors import DatasetError, GenerationError, ModelError
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobQueued,
    JobStarted,
    JobStateChanged,
    LogLine,
    ModelLoading,
    PreviewReady,
    StepDone,
    TaskFailed,
)
from xray_tui.generation.sampler import Sampler
from xray_tui.models.catalogue import bundled_path
from xray_tui.tasks import Job

OpenHouse = Callable[[Sampler | None], House]


def once(kind: type[Event], action: Callable[[], object], fits: Any = None) -> Any:
    """A reaction that acts at the first event of that kind, in the engine's thread."""
    done: list[Event] = []

    def react(event: Event) -> None:
        if isinstance(event, kind) and not done and (fits is None or fits(event)):
            done.append(event)
            action()

    return react


def long_job(**changes: Any) -> Job:
    """More steps than any test waits for."""
    return a_job(**{"steps": 200, "count": 2, "batch_size": 1} | changes)


def errors(house: House) -> list[str]:
    return [line.text for line in house.told(LogLine) if line.level == "error"]


# ---- the way of a job ----------------------------------------------------------------------------


def test_events_come_in_order(open_house: OpenHouse) -> None:
    house = open_house(None)  # loads the checkpoint itself
    job = a_job(count=3, batch_size=2)
    (finished,) = house.run(job)

    assert (finished.state, finished.made, finished.skipped, finished.failed) == ("done", 3, 0, 0)
    assert finished.seconds > 0
    order = [type(event) for event in house.events if not isinstance(event, LogLine | PreviewReady)]
    begin = [kind for kind, _ in groupby(order)][:4]
    assert begin == [JobQueued, ModelLoading, JobStarted, StepDone]
    assert order.count(JobQueued) == order.count(JobStarted) == order.count(JobFinished) == 1
    assert order[-1] is JobFinished
    assert [(e.batch, e.step) for e in house.told(StepDone)] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert {(e.steps, e.batches) for e in house.told(StepDone)} == {(2, 2)}
    assert [e.images for e in house.told(StepDone)] == [2, 2, 1, 1]
    assert [e.record.task.id for e in house.told(ImageSaved)] == [task.id for task in job.tasks]
    fractions = [e.fraction for e in house.told(ModelLoading) if e.fraction is not None]
    assert fractions == sorted(fractions)
    assert house.told(JobQueued)[0] == JobQueued(job.id, job.title, 3, 0)
    assert house.told(JobStarted)[0] == JobStarted(job.id, 3)
    assert errors(house) == []


def test_what_is_saved_is_what_was_asked_for(house: House) -> None:
    prompt = a_prompt(text="{view} chest.", slots={"view": ["PA", "AP"]}, negative="blurry")
    job = a_job(prompt, count=2)
    house.run(job)
    assert house.files() == sorted(
        f"chest/normal/chest-normal_{task.seed}_{task.id[:8]}.png" for task in job.tasks
    )
    for position, event in enumerate(house.told(ImageSaved)):
        contents = png.read(house.dataset.path_of(event.record))
        task, provenance = contents.task, contents.provenance
        assert task == event.record.task
        assert task.negative_prompt == "blurry"
        assert provenance == event.record.provenance
        assert (provenance.batch_size, provenance.batch_position) == (2, position)
        assert (provenance.device, provenance.dtype) == ("cpu", "float32")
        assert provenance.seconds == event.seconds > 0
        assert all(len(digest) == 64 for digest in provenance.model_files.values())
    assert house.task_states(job) == ["done", "done"]
    assert house.job_states() == {job.id: "done"}
    rows = (house.root / "metadata.jsonl").read_text().splitlines()
    assert sorted(json.loads(row)["file_name"] for row in rows) == house.files()


def test_previews_show_the_first_image_of_the_batch(house: House) -> None:
    job = a_job(count=2)
    house.run(job)
    shown = house.told(PreviewReady)
    assert shown
    for event in shown:
        assert event.task == job.batches[0][0]
        assert len(event.pixels) == event.width * event.height


def test_jobs_run_in_the_order_they_were_queued(house: House) -> None:
    jobs = [a_job(seed=seed, steps=1) for seed in (1, 2, 3)]
    finished = house.run(*jobs)
    assert [one.state for one in finished] == ["done"] * 3
    for kind in (JobStarted, JobFinished):
        assert [event.job_id for event in house.told(kind)] == [job.id for job in jobs]
    assert not house.engine.busy


def test_what_exists_is_skipped_without_a_look_at_the_model(house: House) -> None:
    house.run(a_job(count=2))
    before = {path: path.stat().st_mtime_ns for path in house.root.rglob("*.png")}
    again = a_job(count=2)
    (finished,) = house.run(again)
    assert (finished.state, finished.made, finished.skipped) == ("done", 0, 2)
    assert house.told(JobQueued, again)[0].skipped == 2
    assert house.told(JobStarted, again) == house.told(StepDone, again) == []
    assert any("2 of 2 images are there already" in line.text for line in house.told(LogLine))
    assert {path: path.stat().st_mtime_ns for path in house.root.rglob("*.png")} == before


def test_of_a_batch_only_the_missing_is_saved_with_the_same_pixels(house: House) -> None:
    house.run(a_job(count=3))
    files = [house.dataset.path_of(event.record) for event in house.told(ImageSaved)]
    pixels = [levels(Image.open(file)) for file in files]
    files[1].unlink()
    untouched = {file: file.stat().st_mtime_ns for file in (files[0], files[2])}

    again = a_job(count=3)
    (finished,) = house.run(again)
    assert (finished.made, finished.skipped) == (1, 2)
    assert [event.images for event in house.told(StepDone, again)] == [3, 3]
    (saved,) = house.told(ImageSaved, again)
    assert saved.record.provenance.batch_position == 1
    assert house.dataset.path_of(saved.record) == files[1]
    assert np.array_equal(levels(Image.open(files[1])), pixels[1])
    assert {file: file.stat().st_mtime_ns for file in untouched} == untouched


def test_a_missing_batch_is_made_and_a_whole_one_is_not(house: House) -> None:
    house.run(a_job(count=2, batch_size=2))
    longer = a_job(count=4, batch_size=2)
    (finished,) = house.run(longer)
    assert (finished.made, finished.skipped) == (2, 2)
    assert house.told(JobStarted, longer) == [JobStarted(longer.id, 2)]
    assert {(event.batch, event.batches) for event in house.told(StepDone, longer)} == {(1, 1)}


# ---- cancel, pause, stop -------------------------------------------------------------------------


def test_cancel_leaves_within_one_step_and_no_file_behind(house: House) -> None:
    job = long_job()
    house.reactions.append(
        once(StepDone, lambda: house.engine.cancel(job.id), lambda event: event.step == 3)
    )
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("cancelled", 0)
    assert [event.step for event in house.told(StepDone)] == [1, 2, 3]
    assert house.files() == house.leftovers() == []
    assert house.job_states() == {job.id: "cancelled"}
    assert errors(house) == []
    (finished,) = house.run(a_job())  # the next one is as ever
    assert finished.state == "done"


def test_cancel_from_another_thread(house: House) -> None:
    job = long_job()
    house.engine.submit(job)
    house.wait_for(StepDone)
    house.engine.cancel(job.id)
    assert house.finish(job).state == "cancelled"
    assert len(house.told(StepDone)) < 100


def test_cancel_keeps_the_batches_that_are_done(house: House) -> None:
    job = a_job(count=3, batch_size=1)
    house.reactions.append(
        once(StepDone, lambda: house.engine.cancel(job.id), lambda event: event.batch == 2)
    )
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("cancelled", 1)
    assert len(house.files()) == 1
    assert house.task_states(job) == ["done", "queued", "queued"]


def test_cancel_while_the_model_is_loading(open_house: OpenHouse) -> None:
    house = open_house(None)
    job = a_job()
    house.reactions.append(
        once(
            ModelLoading,
            lambda: house.engine.cancel(job.id),
            lambda event: event.text == "loading the unet",
        )
    )
    (finished,) = house.run(job)
    assert (finished.state, finished.message) == ("cancelled", "")
    assert house.told(StepDone) == []
    assert errors(house) == []


def test_a_cancelled_job_may_be_queued_again(house: House) -> None:
    job = a_job()
    house.reactions.append(once(StepDone, lambda: house.engine.cancel(job.id)))
    (finished,) = house.run(job)
    assert finished.state == "cancelled"
    house.events.clear()
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("done", 1)


def test_a_waiting_job_is_cancelled_at_once(house: House) -> None:
    running, waiting, last = long_job(), a_job(seed=1), a_job(seed=2)
    for job in (running, waiting, last):
        house.engine.submit(job)
    house.wait_for(StepDone)
    house.engine.cancel(waiting.id)
    assert house.finish(waiting) == JobFinished(waiting.id, "cancelled", 0, 0, 0, 0.0)
    assert house.told(JobFinished, running) == []
    house.engine.cancel(running.id)
    assert house.finish(last).state == "done"
    assert house.told(JobStarted, waiting) == []
    assert house.job_states()[waiting.id] == "cancelled"


def test_cancelling_what_is_not_there_does_no_harm(house: House) -> None:
    house.engine.cancel("no such job")
    (finished,) = house.run(a_job(steps=1))
    house.engine.cancel(finished.job_id)
    assert finished.state == "done"


def test_while_paused_no_step_is_done(house: House) -> None:
    job = a_job(steps=6)
    house.reactions.append(once(StepDone, house.engine.pause, lambda event: event.step == 2))
    house.engine.submit(job)
    assert house.wait_for(JobStateChanged) == JobStateChanged(job.id, "paused")
    assert house.engine.paused
    time.sleep(1.5)
    assert [event.step for event in house.told(StepDone)] == [1, 2]
    assert house.engine.busy
    house.engine.resume()
    finished = house.finish(job)
    assert finished.state == "done"
    assert [event.step for event in house.told(StepDone)] == [1, 2, 3, 4, 5, 6]
    assert [event.state for event in house.told(JobStateChanged)] == ["paused", "running"]
    (saved,) = house.told(ImageSaved)
    assert saved.seconds <= finished.seconds - 1.5  # the pause is not the image's


def test_a_paused_queue_starts_nothing(house: House) -> None:
    house.engine.pause()
    job, other = a_job(seed=1), a_job(seed=2)
    house.engine.submit(job)
    house.engine.submit(other)
    time.sleep(0.5)
    assert house.told(JobStarted) == []
    house.engine.cancel(other.id)
    assert house.finish(other).state == "cancelled"
    house.engine.resume()
    assert house.finish(job).state == "done"


def test_a_paused_job_can_be_cancelled(house: House) -> None:
    job = long_job()
    house.reactions.append(once(StepDone, house.engine.pause))
    house.engine.submit(job)
    house.wait_for(JobStateChanged)
    house.engine.cancel(job.id)
    assert house.finish(job).state == "cancelled"
    assert len(house.told(StepDone)) == 1


def test_stop_at_once_interrupts_everything(house: House) -> None:
    running, waiting = long_job(), a_job(seed=1)
    house.reactions.append(
        once(
            StepDone,
            lambda: house.engine.stop(finish_current=False),
            lambda event: event.step == 2,
        )
    )
    finished = house.run(running, waiting)
    assert [one.state for one in finished] == ["interrupted", "interrupted"]
    house.engine.join(PATIENCE)
    assert len(house.told(StepDone)) == 2
    assert house.files() == house.leftovers() == []
    assert house.job_states() == {running.id: "interrupted", waiting.id: "interrupted"}
    assert house.task_states(running) == ["queued", "queued"]


def test_stop_may_let_the_batch_finish(house: House) -> None:
    running, waiting = a_job(count=2, batch_size=1, steps=3), a_job(seed=1)
    house.reactions.append(once(StepDone, lambda: house.engine.stop(finish_current=True)))
    finished = house.run(running, waiting)
    assert [(one.state, one.made) for one in finished] == [("interrupted", 1), ("interrupted", 0)]
    assert [event.step for event in house.told(StepDone)] == [1, 2, 3]
    assert len(house.files()) == 1
    assert house.task_states(running) == ["done", "queued"]


def test_stop_after_the_last_batch_is_done(house: House) -> None:
    job = a_job()
    house.reactions.append(once(StepDone, lambda: house.engine.stop(finish_current=True)))
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("done", 1)


@pytest.mark.parametrize("finish_current", [True, False])
def test_stop_ends_a_pause(finish_current: bool, house: House) -> None:
    job = a_job(count=2, batch_size=1)
    house.reactions.append(once(StepDone, house.engine.pause))
    house.engine.submit(job)
    house.wait_for(JobStateChanged)
    house.engine.stop(finish_current=finish_current)
    finished = house.finish(job)
    assert (finished.state, finished.made) == ("interrupted", int(finish_current))


def test_an_interrupted_job_is_taken_up_where_it_was(
    open_house: OpenHouse, sampler: Sampler
) -> None:
    """The images of an interrupted and of an undisturbed run are the same."""
    job = a_job(count=4, batch_size=2)
    disturbed, calm = open_house(sampler), open_house(sampler)
    disturbed.reactions.append(
        once(
            StepDone,
            lambda: disturbed.engine.stop(finish_current=False),
            lambda event: event.batch == 2,
        )
    )
    disturbed.run(job)
    assert len(disturbed.files()) == 2
    disturbed.engine.join(PATIENCE)
    again = House(disturbed.root, sampler)
    try:
        assert again.run(job)[0].made == 2
    finally:
        again.close()
    calm.run(job)
    assert disturbed.files() == calm.files()
    for file in calm.files():
        one, other = (Image.open(house.root / file) for house in (disturbed, calm))
        assert np.array_equal(levels(one), levels(other))


def test_nothing_is_queued_while_the_engine_stops(house: House) -> None:
    house.engine.stop(finish_current=True)
    with pytest.raises(GenerationError, match="about to quit"):
        house.engine.submit(a_job())
    assert house.job_states() == {}


def test_a_job_that_comes_as_the_engine_stops_is_told_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.run(a_job(seed=1, steps=1))

    def stop(count: int) -> None:
        house.engine.stop(finish_current=False)
        house.engine.join(PATIENCE)

    dataset = house.dataset
    monkeypatch.setattr(dataset, "existing", Calls(dataset.existing, before=stop))
    late = a_job(seed=2)
    (finished,) = house.run(late)
    assert finished.state == "interrupted"
    assert house.job_states()[late.id] == "interrupted"
    assert not house.engine.busy


# ---- what goes wrong -----------------------------------------------------------------------------


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
    assert errors(house) == [finished[0].message]
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


def test_a_job_of_which_nothing_can_be_made_has_failed(
    house: House, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def before(count: int) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    (finished,) = house.run(a_job(count=2))
    assert (finished.state, finished.failed) == ("failed", 2)
    assert "the log says why" in finished.message
    for event in house.told(TaskFailed):
        assert "not enough memory for 2 images of 64×64 at once" in event.message
        assert "lower the batch size" in event.message


def test_an_image_that_is_no_image_fails_its_task_only(
    house: House, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after(result: Any) -> Any:
        images = result[0].clone()
        images[1] *= float("nan")
        return (images,)

    assert sampler.model is not None
    vae = sampler.model.pipeline.vae
    monkeypatch.setattr(vae, "decode", Calls(vae.decode, after=after))
    job = a_job(count=3)
    (finished,) = house.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 2, 1)
    (failed,) = house.told(TaskFailed)
    assert failed.task == job.batches[0][1]
    assert "NaN" in failed.message
    assert house.task_states(job) == ["done", "failed", "done"]


def test_a_file_where_a_folder_should_be_ends_the_job_with_a_clear_message(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    (house.root / "chest").write_text("not a folder")
    job = a_job(count=3, batch_size=1)
    (finished,) = house.run(job)
    assert (finished.state, finished.made) == ("failed", 0)
    assert str(house.root / "chest") in finished.message
    assert "move it away" in finished.message
    assert finished.message in errors(house)
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
            raise DatasetError("the disk is full; make room and start again")

    monkeypatch.setattr(house.dataset, "save", Calls(house.dataset.save, before=before))
    (finished,) = house.run(a_job(count=6, batch_size=2))
    assert (finished.state, finished.made) == ("failed", 2)
    assert finished.message == "the disk is full; make room and start again"
    assert len(house.files()) == 2


HOLD = """
import sys, time
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
with Dataset(Path(sys.argv[1])).generator_lock():
    print("held", flush=True)
    time.sleep(300)
"""


def test_another_process_that_generates_is_named(house: House) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(house.root)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        (finished,) = house.run(a_job())
        assert (finished.state, finished.made) == ("failed", 0)
        assert f"process {holder.pid} on " in finished.message
        assert "wait for it, stop it, or choose another dataset folder" in finished.message
        assert house.told(StepDone) == []
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()
    (finished,) = house.run(a_job())
    assert finished.state == "done"


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
    monkeypatch.setattr("xray_tui.generation.job_run.resolve", mistake)
    (finished,) = house.run(job)
    assert finished.state == "failed"
    assert type(error).__name__ in finished.message
    assert finished.message.isprintable()
    assert any(finished.message in text for text in errors(house))
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
