"""Two processes on one dataset: one generates, the other follows and takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

import pytest
from support.generation_samples import House, a_job, long_job
from support.other_process import Other, another

from xray_tui.generation.events import (
    ImageSaved,
    JobFinished,
    JobQueued,
    JobStarted,
    LogLine,
    StepDone,
)
from xray_tui.tasks import Job

pytestmark = pytest.mark.slow  # each test starts a process that loads torch


@pytest.fixture
def other(house: House) -> Iterator[Other]:
    """An engine in another process, idle so far."""
    with another("engine", house.root) as process:
        yield process


def of(job: Job) -> Callable[[StepDone | JobStarted], bool]:
    return lambda event: event.job_id == job.id


def test_one_generates_and_the_other_follows(house: House, other: Other) -> None:
    theirs = a_job(count=6, batch_size=2, steps=15)
    house.dataset.queue.add(theirs)  # the house's engine is not started yet
    other.wait_for("StepDone", theirs.id)
    ours = a_job(count=2, seed=100)
    house.engine.submit(ours)
    waits = house.wait_for(LogLine, lambda line: "waits" in line.text)
    assert f"process {other.process.pid} on " in waits.text
    finished = house.finish(theirs)
    assert (finished.state, finished.made, finished.failed) == ("done", 6, 0)
    assert house.finish(ours).state == "done"

    kinds = [
        type(event)
        for event in house.events
        if getattr(event, "job_id", "") == theirs.id and not isinstance(event, StepDone)
    ]
    assert [kind for kind, _ in groupby(kinds)] == [JobQueued, JobStarted, ImageSaved, JobFinished]
    assert house.told(StepDone, theirs)  # from the other process, a few of them
    saved = [event.record.task.id for event in house.told(ImageSaved, theirs)]
    assert len(saved) == len(set(saved)) > 0
    assert {*saved} <= {task.id for task in theirs.tasks}
    assert len(house.files()) == 8


def test_both_queues_are_made_once_whoever_makes_them(house: House, other: Other) -> None:
    house.engine.start()
    jobs = [a_job(count=2, batch_size=1, seed=seed) for seed in (10, 20, 30, 40)]
    for job in jobs:
        house.engine.submit(job)
    for job in jobs:
        assert house.finish(job).state == "done"
        other.wait_for("JobFinished", job.id, "done")
    assert len(house.files()) == 8
    records = house.dataset.catalog.records()
    assert len({record.task.id for record in records}) == len(records) == 8
    for job in jobs:
        (_,) = house.told(JobStarted, job)
        (_,) = house.told(JobFinished, job)
        assert other.told.count(["JobStarted", job.id]) <= 1
        assert other.told.count(["JobFinished", job.id, "done"]) == 1


def test_what_a_killed_process_left_is_taken_over(house: House, other: Other) -> None:
    running, waiting = long_job(seed=50), a_job(count=2, seed=60)
    house.dataset.queue.add(running)
    other.wait_for("StepDone", running.id)
    house.dataset.queue.add(waiting)
    house.engine.start()
    house.wait_for(JobStarted, of(running))
    other.kill()
    assert house.finish(waiting).state == "done"
    assert house.finish(running).state == "interrupted"
    assert house.job_states() == {running.id: "interrupted", waiting.id: "done"}
    assert any("interrupted when the process that ran" in text for text in house.log())


def test_nothing_waits_and_the_killed_job_is_still_told_of(house: House, other: Other) -> None:
    running = long_job()
    house.dataset.queue.add(running)
    other.wait_for("StepDone", running.id)
    house.engine.start()
    house.wait_for(JobStarted, of(running))
    other.kill()
    assert house.finish(running).state == "interrupted"


def test_a_job_asked_for_here_that_a_killed_process_ran_goes_on_here(
    house: House, other: Other
) -> None:
    job = a_job(count=3, batch_size=1, steps=60)
    house.dataset.queue.add(job)
    other.wait_for("StepDone", job.id)
    house.engine.resume_job(job.id)
    house.wait_for(JobStarted, of(job))
    assert not house.engine.busy
    other.kill()
    house.wait_for(JobFinished, lambda event: event.state == "done")
    assert len(house.files()) == 3
