"""The engine as a user meets it: jobs in order, events in order, images once and whole."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from itertools import groupby
from queue import SimpleQueue

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import House, a_job, a_prompt, levels
from support.job_states import bring_to

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

OpenHouse = Callable[[Sampler | None], House]


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
    assert house.log("error") == []


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
    assert house.task_states(again) == ["done", "done"]
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


def test_a_run_of_its_own_takes_what_is_resumed_meanwhile_and_leaves_what_waited(
    house: House, sampler: Sampler
) -> None:
    left, resumed, own = a_job(seed=1), a_job(seed=2), a_job(seed=3)
    queue = house.dataset.queue
    for job in (left, resumed):
        queue.add(job)
    bring_to(queue, resumed.id, "interrupted")
    dataset, events = Dataset(house.root), SimpleQueue[Event]()
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


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
@pytest.mark.parametrize(("gives_way", "nicer"), [(True, NICENESS), (False, 0)])
def test_the_apps_engine_gives_way_and_a_headless_one_does_not(
    house: House, sampler: Sampler, gives_way: bool, nicer: int
) -> None:
    seen: SimpleQueue[int] = SimpleQueue()

    def look(event: Event) -> None:
        if isinstance(event, StepDone):
            seen.put(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    engine = Engine(house.dataset, look, gives_way=gives_way, sampler=sampler)
    try:
        engine.submit(a_job())
        assert seen.get(timeout=60) == os.getpriority(os.PRIO_PROCESS, 0) + nicer
    finally:
        engine.stop(finish_current=False)
        assert engine.join(60)
