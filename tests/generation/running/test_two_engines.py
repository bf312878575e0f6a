"""Two processes on one dataset: one generates, the other observes and takes over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

import pytest
from support.generation_samples import EngineSetup, a_job, long_job
from support.other_process import OtherProcess, start_other

from xray_tui.generation.events import (
    GeneratorElsewhere,
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
def other(setup: EngineSetup) -> Iterator[OtherProcess]:
    """An engine in another process, idle so far."""
    with start_other("engine", setup.root) as process:
        yield process


def of(job: Job) -> Callable[[StepDone | JobStarted], bool]:
    return lambda event: event.job_id == job.id


def test_one_process_generates_and_the_other_observes(
    setup: EngineSetup, other: OtherProcess
) -> None:
    theirs = a_job(count=6, batch_size=2, steps=15)
    setup.dataset.queue.add(theirs)  # the engine here is not started yet
    other.wait_for("StepDone", theirs.id)
    ours = a_job(count=2, seed=100)
    setup.engine.submit(ours)
    waiting = setup.wait_for(LogLine, lambda line: "its progress is shown here" in line.text)
    assert f"Process {other.process.pid} generates this job, as" in waiting.text
    setup.wait_for(GeneratorElsewhere, lambda event: str(other.process.pid) in event.process)
    finished = setup.finish(theirs)
    assert (finished.state, finished.made, finished.failed) == ("done", 6, 0)
    assert setup.finish(ours).state == "done"

    kinds = [
        type(event)
        for event in setup.events
        if getattr(event, "job_id", "") == theirs.id and not isinstance(event, StepDone)
    ]
    assert [kind for kind, _ in groupby(kinds)] == [JobQueued, JobStarted, ImageSaved, JobFinished]
    assert setup.seen(StepDone, theirs)  # some of the other process's steps
    saved = [event.record.task.id for event in setup.seen(ImageSaved, theirs)]
    assert len(saved) == len(set(saved)) > 0
    assert {*saved} <= {task.id for task in theirs.tasks}
    assert len(setup.files()) == 8


def test_every_job_runs_once_in_either_process(setup: EngineSetup, other: OtherProcess) -> None:
    setup.engine.start()
    jobs = [a_job(count=2, batch_size=1, seed=seed) for seed in (10, 20, 30, 40)]
    for job in jobs:
        setup.engine.submit(job)
    for job in jobs:
        assert setup.finish(job).state == "done"
        other.wait_for("JobFinished", job.id, "done")
    assert len(setup.files()) == 8
    records = setup.dataset.catalog.records()
    assert len({record.task.id for record in records}) == len(records) == 8
    for job in jobs:
        (_,) = setup.seen(JobStarted, job)
        (_,) = setup.seen(JobFinished, job)
        assert other.printed.count(["JobStarted", job.id]) <= 1
        assert other.printed.count(["JobFinished", job.id, "done"]) == 1


def test_the_jobs_of_a_killed_process_are_taken_over(
    setup: EngineSetup, other: OtherProcess
) -> None:
    running, waiting = long_job(seed=50), a_job(count=2, seed=60)
    setup.dataset.queue.add(running)
    other.wait_for("StepDone", running.id)
    setup.dataset.queue.add(waiting)
    setup.engine.start()
    setup.wait_for(JobStarted, of(running))
    other.kill()
    assert setup.finish(waiting).state == "done"
    assert setup.finish(running).state == "interrupted"
    assert setup.job_states() == {running.id: "interrupted", waiting.id: "done"}
    assert any("set to interrupted; to resume" in text for text in setup.log())


def test_the_job_of_a_killed_process_is_reported_even_if_no_job_waits(
    setup: EngineSetup, other: OtherProcess
) -> None:
    running = long_job()
    setup.dataset.queue.add(running)
    other.wait_for("StepDone", running.id)
    setup.engine.start()
    setup.wait_for(JobStarted, of(running))
    other.kill()
    assert setup.finish(running).state == "interrupted"


def test_a_job_requested_here_continues_here_when_its_process_is_killed(
    setup: EngineSetup, other: OtherProcess
) -> None:
    job = a_job(count=3, batch_size=1, steps=60)
    setup.dataset.queue.add(job)
    other.wait_for("StepDone", job.id)
    setup.engine.resume_job(job.id)
    setup.wait_for(JobStarted, of(job))
    assert not setup.engine.busy
    other.kill()
    setup.wait_for(JobFinished, lambda event: event.state == "done")
    assert len(setup.files()) == 3
