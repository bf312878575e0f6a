"""The engine from the outside: jobs and events in order, each image complete and saved once."""

from __future__ import annotations

import json
import os
import shlex
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from queue import SimpleQueue

import numpy as np
import pytest
from PIL import Image
from support.advice import advised
from support.generation_samples import EngineSetup, a_job, a_prompt, levels
from support.job_states import bring_to
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobQueued,
    JobStarted,
    LogLine,
    ModelLoading,
    PreviewReady,
    StepDone,
)
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.running.thread_priority import NICENESS
from xray_tui.generation.sampling.sampler import Sampler

OpenEngine = Callable[[Sampler | None], EngineSetup]


def test_events_come_in_order(open_engine: OpenEngine) -> None:
    setup = open_engine(None)  # loads the checkpoint itself
    job = a_job(count=3, batch_size=2)
    (finished,) = setup.run(job)

    assert (finished.state, finished.made, finished.skipped, finished.failed) == ("done", 3, 0, 0)
    assert finished.seconds > 0
    order = [type(event) for event in setup.events if not isinstance(event, LogLine | PreviewReady)]
    begin = [kind for kind, _ in groupby(order)][:4]
    assert begin == [JobQueued, ModelLoading, JobStarted, StepDone]
    assert order.count(JobQueued) == order.count(JobStarted) == order.count(JobFinished) == 1
    assert order[-1] is JobFinished
    assert [(e.batch, e.step) for e in setup.seen(StepDone)] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert {(e.steps, e.batches) for e in setup.seen(StepDone)} == {(2, 2)}
    assert [e.images for e in setup.seen(StepDone)] == [2, 2, 1, 1]
    assert [e.record.task.id for e in setup.seen(ImageSaved)] == [task.id for task in job.tasks]
    fractions = [e.fraction for e in setup.seen(ModelLoading) if e.fraction is not None]
    assert fractions == sorted(fractions)
    assert setup.seen(JobQueued)[0] == JobQueued(job.id, job.title, 3, 0)
    assert setup.seen(JobStarted)[0] == JobStarted(job.id, 3)
    assert setup.log("error") == []


def test_saved_images_match_the_request(setup: EngineSetup) -> None:
    prompt = a_prompt(text="{view} chest.", slots={"view": ["PA", "AP"]}, negative="blurry")
    job = a_job(prompt, count=2)
    setup.run(job)
    assert setup.files() == sorted(
        f"chest/normal/chest-normal_{task.seed}_{task.id[:8]}.png" for task in job.tasks
    )
    for position, event in enumerate(setup.seen(ImageSaved)):
        contents = png.read(setup.dataset.path_of(event.record))
        task, provenance = contents.task, contents.provenance
        assert task == event.record.task
        assert task.negative_prompt == "blurry"
        assert provenance == event.record.provenance
        assert (provenance.batch_size, provenance.batch_position) == (2, position)
        assert (provenance.device, provenance.dtype) == ("cpu", "float32")
        assert provenance.seconds == event.seconds > 0
        assert all(len(digest) == 64 for digest in provenance.model_files.values())
    assert setup.task_states(job) == ["done", "done"]
    assert setup.job_states() == {job.id: "done"}
    rows = (setup.root / "metadata.jsonl").read_text().splitlines()
    assert sorted(json.loads(row)["file_name"] for row in rows) == setup.files()


def test_previews_show_the_first_image_of_the_batch(setup: EngineSetup) -> None:
    job = a_job(count=2)
    setup.run(job)
    shown = setup.seen(PreviewReady)
    assert shown
    for event in shown:
        assert event.task == job.batches[0][0]
        assert len(event.pixels) == event.width * event.height


def test_jobs_run_in_the_order_they_were_queued(setup: EngineSetup) -> None:
    jobs = [a_job(seed=seed, steps=1) for seed in (1, 2, 3)]
    finished = setup.run(*jobs)
    assert [event.state for event in finished] == ["done"] * 3
    for kind in (JobStarted, JobFinished):
        assert [event.job_id for event in setup.seen(kind)] == [job.id for job in jobs]
    assert not setup.engine.busy


def test_existing_images_are_skipped_without_loading_the_model(setup: EngineSetup) -> None:
    setup.run(a_job(count=2))
    before = {path: path.stat().st_mtime_ns for path in setup.root.rglob("*.png")}
    again = a_job(count=2)
    (finished,) = setup.run(again)
    assert (finished.state, finished.made, finished.skipped) == ("done", 0, 2)
    assert setup.task_states(again) == ["done", "done"]
    assert setup.seen(JobStarted, again) == setup.seen(StepDone, again) == []
    assert any("2 of 2 images already exist" in line.text for line in setup.seen(LogLine))
    assert {path: path.stat().st_mtime_ns for path in setup.root.rglob("*.png")} == before


def test_purged_images_are_skipped_and_the_log_says_so(setup: EngineSetup) -> None:
    setup.run(a_job(count=2))
    desk = setup.dataset.desk("ann")
    desk.set_decision([setup.seen(ImageSaved)[0].record.id], "rejected")
    assert desk.purging.purge().images == 1
    again = a_job(count=2)
    (finished,) = setup.run(again)
    assert (finished.state, finished.made, finished.skipped) == ("done", 0, 1)
    assert setup.task_states(again) == ["done", "done"]
    warnings = [line.text for line in setup.seen(LogLine) if line.level == "warning"]
    (line,) = (line for line in warnings if "1 of 2 images was purged" in line)
    advised("; to restore purged images: ", line)
    assert len(list(setup.root.glob("chest/*/*.png"))) == 1
    result = CliRunner().invoke(app, shlex.split(line.rpartition(": ")[2])[1:])
    assert "Restored 1 image" in result.output
    assert len(list(setup.root.glob("chest/*/*.png"))) == 2


def test_only_the_missing_image_of_a_batch_is_saved_with_the_same_pixels(
    setup: EngineSetup,
) -> None:
    setup.run(a_job(count=3))
    files = [setup.dataset.path_of(event.record) for event in setup.seen(ImageSaved)]
    pixels = [levels(Image.open(file)) for file in files]
    files[1].unlink()
    untouched = {file: file.stat().st_mtime_ns for file in (files[0], files[2])}

    again = a_job(count=3)
    (finished,) = setup.run(again)
    assert (finished.made, finished.skipped) == (1, 2)
    assert [event.images for event in setup.seen(StepDone, again)] == [3, 3]
    (saved,) = setup.seen(ImageSaved, again)
    assert saved.record.provenance.batch_position == 1
    assert setup.dataset.path_of(saved.record) == files[1]
    assert np.array_equal(levels(Image.open(files[1])), pixels[1])
    assert {file: file.stat().st_mtime_ns for file in untouched} == untouched


def test_only_missing_batches_are_generated(setup: EngineSetup) -> None:
    setup.run(a_job(count=2, batch_size=2))
    longer = a_job(count=4, batch_size=2)
    (finished,) = setup.run(longer)
    assert (finished.made, finished.skipped) == (2, 2)
    assert setup.seen(JobStarted, longer) == [JobStarted(longer.id, 2)]
    assert {(event.batch, event.batches) for event in setup.seen(StepDone, longer)} == {(1, 1)}


def test_an_own_only_engine_runs_resumed_jobs_but_no_jobs_that_waited_before(
    setup: EngineSetup, sampler: Sampler
) -> None:
    left, resumed, own = a_job(seed=1), a_job(seed=2), a_job(seed=3)
    queue = setup.dataset.queue
    for job in (left, resumed):
        queue.add(job)
    bring_to(queue, resumed.id, "interrupted")
    dataset, events = Dataset(setup.root), SimpleQueue[Event]()
    engine = Engine(dataset, events.put, own_only=True, sampler=sampler)
    try:
        assert queue.resume(resumed.id)  # as `xray-tui jobs resume` does
        engine.submit(own)
        ended: list[str] = []
        while len(ended) < 2:
            event = events.get(timeout=60)
            ended += [event.job_id] if isinstance(event, JobFinished) else []
        assert ended == [own.id, resumed.id]
        assert not engine.busy
        assert queue.state(left.id) == "queued"
    finally:
        engine.stop(finish_current=False)
        assert engine.join(60)
        dataset.close()


def test_asking_whether_an_engine_is_busy_changes_nothing(setup: EngineSetup) -> None:
    """The engine has not yet noticed that an excluded job was resumed."""
    left, resumed = a_job(seed=1), a_job(seed=2)
    queue = setup.dataset.queue
    queue.set_paused(True)
    for job in (left, resumed):
        queue.add(job)
    bring_to(queue, resumed.id, "interrupted")
    engine = Engine(setup.dataset, lambda event: None, own_only=True)
    queue.resume(resumed.id)
    before = (engine._scope._excluded.copy(), queue.rows())
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(lambda _: (engine.busy, engine._worker.busy), range(200)))
    assert answers == {(False, True)}  # the threads have not started; the worker has a job to run
    assert (engine._scope._excluded, queue.rows()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has thread priorities")
@pytest.mark.parametrize(("low_priority", "nicer"), [(True, NICENESS), (False, 0)])
def test_low_priority_lets_the_other_threads_go_first(
    setup: EngineSetup, sampler: Sampler, low_priority: bool, nicer: int
) -> None:
    seen: SimpleQueue[int] = SimpleQueue()

    def look(event: Event) -> None:
        if isinstance(event, StepDone):
            seen.put(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    engine = Engine(setup.dataset, look, low_priority=low_priority, sampler=sampler)
    try:
        engine.submit(a_job())
        assert seen.get(timeout=60) == os.getpriority(os.PRIO_PROCESS, 0) + nicer
    finally:
        engine.stop(finish_current=False)
        assert engine.join(60)
