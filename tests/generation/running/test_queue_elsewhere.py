"""The queue is changed through another object or process while the engine is working."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import TIMEOUT, EngineSetup, a_job, levels, long_job, once
from support.other_process import OtherProcess, start_other

from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import (
    ImageSaved,
    JobFinished,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    QueuePaused,
    QueueReordered,
    StepDone,
)
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.tasks import Job

OpenEngine = Callable[[Sampler | None], EngineSetup]


@pytest.fixture
def elsewhere(setup: EngineSetup) -> Iterator[Dataset]:
    """The same dataset, opened once more."""
    dataset = Dataset(setup.root)
    yield dataset
    dataset.close()


@pytest.fixture
def process(setup: EngineSetup) -> Iterator[OtherProcess]:
    """Another process that changes the queue."""
    with start_other("queue", setup.root) as other:
        yield other


def run_until_a_step(setup: EngineSetup, job: Job) -> None:
    setup.engine.submit(job)
    setup.wait_for(StepDone, lambda event: event.job_id == job.id)


def is_state(job: Job, state: str) -> Callable[[JobStateChanged], bool]:
    return lambda event: (event.job_id, event.state) == (job.id, state)


def test_a_running_job_is_paused_and_resumed(setup: EngineSetup, elsewhere: Dataset) -> None:
    job = a_job(count=3, batch_size=1, steps=30)
    run_until_a_step(setup, job)
    assert elsewhere.queue.pause(job.id)
    setup.wait_for(JobStateChanged, is_state(job, "paused"))
    assert setup.seen(JobFinished) == []
    steps = len(setup.seen(StepDone))
    time.sleep(1.5)
    assert len(setup.seen(StepDone)) == steps
    assert not setup.engine.busy

    assert elsewhere.queue.resume(job.id)
    assert setup.finish(job).state == "done"
    assert setup.task_states(job) == ["done"] * 3
    row = elsewhere.queue.row(job.id)
    assert row is not None
    assert (row.state, row.done) == ("done", 3)


PAUSED_IN_TIME = 40
"""Steps of an image that takes longer than it takes to notice a pause."""


@pytest.mark.parametrize("end", ["done", "cancelled"])
@pytest.mark.slow
def test_a_job_that_was_paused_is_counted_as_a_whole(
    setup: EngineSetup, elsewhere: Dataset, end: str
) -> None:
    """What it generated before the pause is not counted as existing, nor the pause as work."""
    setup.run(a_job(steps=PAUSED_IN_TIME))
    job = a_job(count=3, batch_size=1, steps=PAUSED_IN_TIME)
    setup.reactions.append(
        once(
            ImageSaved, lambda: elsewhere.queue.pause(job.id), lambda event: event.job_id == job.id
        )
    )
    started = time.monotonic()
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged, is_state(job, "paused"))
    time.sleep(1.0)
    (elsewhere.queue.resume if end == "done" else elsewhere.queue.cancel)(job.id)
    finished = setup.finish(job)
    assert finished.state == end
    assert (finished.made, finished.skipped, finished.failed) == (2 if end == "done" else 1, 1, 0)
    assert finished.seconds <= time.monotonic() - started - 1.0


def test_a_running_job_is_cancelled(setup: EngineSetup, elsewhere: Dataset) -> None:
    job = long_job()
    run_until_a_step(setup, job)
    elsewhere.queue.cancel(job.id)
    assert setup.finish(job).state == "cancelled"
    assert setup.files() == setup.leftovers() == []
    assert len(setup.seen(JobFinished)) == 1
    assert elsewhere.queue.state(job.id) == "cancelled"


@pytest.mark.slow
def test_a_job_resumed_at_once_continues(setup: EngineSetup, elsewhere: Dataset) -> None:
    """The state that the engine read a moment ago must not end the job's next run."""
    job = a_job(steps=60)
    run_until_a_step(setup, job)
    setup.reactions.append(once(JobStateChanged, lambda: elsewhere.queue.resume(job.id)))
    elsewhere.queue.pause(job.id)
    assert setup.finish(job).state == "done"


def test_while_one_job_is_paused_the_next_one_runs(setup: EngineSetup, elsewhere: Dataset) -> None:
    job, other = long_job(), a_job(seed=1)
    run_until_a_step(setup, job)
    setup.engine.submit(other)
    elsewhere.queue.pause(job.id)
    assert setup.finish(other).state == "done"
    assert elsewhere.queue.state(job.id) == "paused"


def test_another_process_pauses_resumes_and_cancels(
    setup: EngineSetup, process: OtherProcess
) -> None:
    job = long_job()
    run_until_a_step(setup, job)
    process.call("pause", job.id)
    setup.wait_for(JobStateChanged, is_state(job, "paused"))
    setup.events.clear()
    process.call("resume", job.id)
    setup.wait_for(StepDone)
    process.call("cancel", job.id)
    assert setup.finish(job).state == "cancelled"


@pytest.mark.slow
def test_another_process_pauses_the_queue(setup: EngineSetup, process: OtherProcess) -> None:
    job, other = a_job(steps=40), a_job(seed=1)
    run_until_a_step(setup, job)
    process.call("set_paused", True)
    assert setup.wait_for(QueuePaused) == QueuePaused(True)
    setup.wait_for(JobStateChanged, is_state(job, "paused"))
    assert setup.engine.paused
    steps = len(setup.seen(StepDone))
    setup.engine.submit(other)
    time.sleep(1.5)
    assert len(setup.seen(StepDone)) <= steps + 1  # one step was already in progress
    assert setup.seen(JobFinished) == setup.seen(JobStarted, other) == []
    process.call("set_paused", False)
    assert setup.finish(job).state == setup.finish(other).state == "done"
    assert not setup.engine.paused


def test_a_job_queued_elsewhere_is_run(setup: EngineSetup, elsewhere: Dataset) -> None:
    setup.engine.start()
    job = a_job(count=2)
    elsewhere.queue.add(job)
    finished = setup.finish(job)
    assert (finished.state, finished.made) == ("done", 2)
    kinds = [type(e) for e in setup.events if isinstance(e, JobQueued | JobStarted | JobFinished)]
    assert kinds == [JobQueued, JobStarted, JobFinished]


def test_waiting_jobs_run_in_the_order_of_the_queue(setup: EngineSetup, elsewhere: Dataset) -> None:
    first, second, third = (a_job(seed=seed, steps=1) for seed in (1, 2, 3))
    setup.engine.pause()
    for job in (first, second, third):
        setup.engine.submit(job)
    elsewhere.queue.move(third.id, -2)
    expected = (third.id, first.id, second.id)
    assert setup.wait_for(QueueReordered) == QueueReordered(expected)
    setup.engine.resume()
    for job in (first, second, third):
        setup.finish(job)
    assert tuple(event.job_id for event in setup.seen(JobStarted)) == expected


def test_jobs_cleared_elsewhere_are_forgotten(setup: EngineSetup, elsewhere: Dataset) -> None:
    job = a_job(steps=1)
    setup.run(job)
    assert len(elsewhere.queue.clear_finished()) == 1
    assert setup.wait_for(JobForgotten) == JobForgotten(job.id)
    assert len(setup.files()) == 1


def test_a_listener_may_change_the_queue_at_any_event(setup: EngineSetup) -> None:
    """The listener may do so even when the event is itself about a change of the queue."""
    job = a_job()
    setup.reactions.append(once(JobQueued, setup.engine.pause))
    setup.reactions.append(once(QueuePaused, lambda: setup.engine.cancel(job.id)))
    setup.engine.submit(job)
    assert setup.finish(job).state == "cancelled"
    assert setup.engine.paused


def test_a_resumed_job_generates_only_the_missing_images(
    open_engine: OpenEngine, sampler: Sampler
) -> None:
    """A second engine resumes the job; the pixels match those of an uninterrupted run."""
    job = a_job(count=8, batch_size=4, steps=3)
    interrupted, uninterrupted = open_engine(sampler), open_engine(sampler)
    interrupted.reactions.append(
        once(
            StepDone,
            lambda: interrupted.engine.stop(finish_current=False),
            lambda event: (event.batch, event.step) == (2, 2),
        )
    )
    assert interrupted.run(job)[0].state == "interrupted"
    assert interrupted.engine.join(TIMEOUT)
    (interrupted.root / interrupted.files()[0]).unlink()  # so half a batch is missing, too
    untouched = written(interrupted.root)
    assert len(untouched) == 3

    again = EngineSetup(interrupted.root, sampler)
    try:
        again.engine.resume_job(job.id)
        finished = again.wait_for(JobFinished, lambda event: event.state == "done")
        assert (finished.made, finished.skipped) == (5, 3)
        assert again.job_states() == {job.id: "done"}
    finally:
        again.close()
    assert untouched.items() <= written(interrupted.root).items()
    uninterrupted.run(job)
    assert interrupted.files() == uninterrupted.files()
    for file in uninterrupted.files():
        one, other = (Image.open(setup.root / file) for setup in (interrupted, uninterrupted))
        assert np.array_equal(levels(one), levels(other))


def written(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.glob("*/*/*.png")}
