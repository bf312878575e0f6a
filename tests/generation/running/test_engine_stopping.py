"""Cancel, pause and stop: within one step, and without leaving partial files."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import TIMEOUT, EngineSetup, a_job, levels, long_job, once

from xray_tui.errors import GenerationError
from xray_tui.generation.events import (
    ImageSaved,
    JobFinished,
    JobStarted,
    JobStateChanged,
    ModelLoading,
    StepDone,
)
from xray_tui.generation.running.queue_observer import QUEUE_PAUSED
from xray_tui.generation.sampling.sampler import Sampler

OpenEngine = Callable[[Sampler | None], EngineSetup]


def test_cancel_takes_effect_within_one_step_and_leaves_no_file(setup: EngineSetup) -> None:
    job = long_job()
    setup.reactions.append(
        once(StepDone, lambda: setup.engine.cancel(job.id), lambda event: event.step == 3)
    )
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("cancelled", 0)
    assert [event.step for event in setup.seen(StepDone)] == [1, 2, 3]
    assert setup.files() == setup.leftovers() == []
    assert setup.job_states() == {job.id: "cancelled"}
    assert setup.log("error") == []
    (finished,) = setup.run(a_job())  # the next job runs as usual
    assert finished.state == "done"


def test_cancel_from_another_thread(setup: EngineSetup) -> None:
    job = long_job()
    setup.engine.submit(job)
    setup.wait_for(StepDone)
    setup.engine.cancel(job.id)
    assert setup.finish(job).state == "cancelled"
    assert len(setup.seen(StepDone)) < 100


def test_cancel_keeps_finished_batches(setup: EngineSetup) -> None:
    job = a_job(count=3, batch_size=1)
    setup.reactions.append(
        once(StepDone, lambda: setup.engine.cancel(job.id), lambda event: event.batch == 2)
    )
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("cancelled", 1)
    assert len(setup.files()) == 1
    assert setup.task_states(job) == ["done", "queued", "queued"]


def test_cancel_while_the_model_is_loading(open_engine: OpenEngine) -> None:
    setup = open_engine(None)
    job = a_job()
    setup.reactions.append(
        once(
            ModelLoading,
            lambda: setup.engine.cancel(job.id),
            lambda event: event.text == "loading the unet",
        )
    )
    (finished,) = setup.run(job)
    assert (finished.state, finished.message) == ("cancelled", "")
    assert setup.seen(StepDone) == []
    assert setup.log("error") == []


def test_a_cancelled_job_may_be_queued_again(setup: EngineSetup) -> None:
    job = a_job()
    setup.reactions.append(once(StepDone, lambda: setup.engine.cancel(job.id)))
    (finished,) = setup.run(job)
    assert finished.state == "cancelled"
    setup.events.clear()
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("done", 1)


def test_a_waiting_job_is_cancelled_at_once(setup: EngineSetup) -> None:
    running, waiting, last = long_job(), a_job(seed=1), a_job(seed=2)
    for job in (running, waiting, last):
        setup.engine.submit(job)
    setup.wait_for(StepDone)
    setup.engine.cancel(waiting.id)
    assert setup.finish(waiting) == JobFinished(waiting.id, "cancelled", 0, 0, 0, 0.0)
    assert setup.seen(JobFinished, running) == []
    setup.engine.cancel(running.id)
    assert setup.finish(last).state == "done"
    assert setup.seen(JobStarted, waiting) == []
    assert setup.job_states()[waiting.id] == "cancelled"


def test_cancelling_an_unknown_or_finished_job_does_no_harm(setup: EngineSetup) -> None:
    setup.engine.cancel("no such job")
    (finished,) = setup.run(a_job(steps=1))
    setup.engine.cancel(finished.job_id)
    assert finished.state == "done"


def test_no_step_is_done_while_the_queue_is_paused(setup: EngineSetup) -> None:
    job = a_job(steps=6)
    setup.reactions.append(once(StepDone, setup.engine.pause, lambda event: event.step == 2))
    started = time.monotonic()
    setup.engine.submit(job)
    assert setup.wait_for(JobStateChanged) == JobStateChanged(job.id, "paused", QUEUE_PAUSED)
    assert setup.engine.paused
    time.sleep(1.5)
    assert [event.step for event in setup.seen(StepDone)] == [1, 2]
    assert setup.engine.busy
    setup.engine.resume()
    finished = setup.finish(job)
    assert finished.state == "done"
    assert [event.step for event in setup.seen(StepDone)] == [1, 2, 3, 4, 5, 6]
    assert [event.state for event in setup.seen(JobStateChanged)] == ["paused", "running"]
    (saved,) = setup.seen(ImageSaved)
    passed = time.monotonic() - started
    assert saved.seconds <= finished.seconds <= passed - 1.5  # the pause does not count as work
    row = setup.dataset.queue.row(job.id)
    assert row is not None and row.seconds == finished.seconds


def test_a_pause_while_the_model_loads_does_not_count_as_time_for_loading(
    open_engine: OpenEngine,
) -> None:
    """F14."""
    setup = open_engine(None)
    setup.reactions.append(once(ModelLoading, setup.engine.pause))
    job, started = a_job(), time.monotonic()
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged, lambda event: event.state == "paused")
    time.sleep(2.0)
    setup.engine.resume()
    finished = setup.finish(job)
    (line,) = [text for text in setup.log("info") if "loaded in" in text]
    seconds = float(line.split("loaded in ")[1].split(" s")[0])
    assert seconds <= finished.seconds <= time.monotonic() - started - 1.5


def test_a_paused_queue_starts_nothing(setup: EngineSetup) -> None:
    setup.engine.pause()
    job, other = a_job(seed=1), a_job(seed=2)
    setup.engine.submit(job)
    setup.engine.submit(other)
    time.sleep(0.5)
    assert setup.seen(JobStarted) == []
    setup.engine.cancel(other.id)
    assert setup.finish(other).state == "cancelled"
    setup.engine.resume()
    assert setup.finish(job).state == "done"


def test_a_paused_job_can_be_cancelled(setup: EngineSetup) -> None:
    job = long_job()
    setup.reactions.append(once(StepDone, setup.engine.pause))
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged)
    setup.engine.cancel(job.id)
    assert setup.finish(job).state == "cancelled"
    assert len(setup.seen(StepDone)) == 1


def test_stop_at_once_interrupts_the_running_job_and_leaves_the_waiting_one(
    setup: EngineSetup,
) -> None:
    running, waiting = long_job(), a_job(seed=1)
    setup.reactions.append(
        once(
            StepDone,
            lambda: setup.engine.stop(finish_current=False),
            lambda event: event.step == 2,
        )
    )
    setup.engine.submit(running)
    setup.engine.submit(waiting)
    assert setup.finish(running).state == "interrupted"
    assert setup.engine.join(TIMEOUT)
    assert len(setup.seen(StepDone)) == 2
    assert setup.files() == setup.leftovers() == []
    assert setup.seen(JobFinished, waiting) == []
    assert setup.job_states() == {running.id: "interrupted", waiting.id: "queued"}
    assert setup.task_states(running) == ["queued", "queued"]


def test_stop_may_let_the_batch_finish(setup: EngineSetup) -> None:
    running, waiting = a_job(count=2, batch_size=1, steps=3), a_job(seed=1)
    setup.reactions.append(once(StepDone, lambda: setup.engine.stop(finish_current=True)))
    setup.engine.submit(running)
    setup.engine.submit(waiting)
    finished = setup.finish(running)
    assert (finished.state, finished.made) == ("interrupted", 1)
    assert [event.step for event in setup.seen(StepDone)] == [1, 2, 3]
    assert len(setup.files()) == 1
    assert setup.task_states(running) == ["done", "queued"]
    assert setup.job_states()[waiting.id] == "queued"


def test_a_stop_during_the_last_batch_lets_the_job_finish(setup: EngineSetup) -> None:
    job = a_job()
    setup.reactions.append(once(StepDone, lambda: setup.engine.stop(finish_current=True)))
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("done", 1)


@pytest.mark.parametrize("finish_current", [True, False])
def test_stop_ends_a_pause(finish_current: bool, setup: EngineSetup) -> None:
    job = a_job(count=2, batch_size=1)
    setup.reactions.append(once(StepDone, setup.engine.pause))
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged)
    setup.engine.stop(finish_current=finish_current)
    finished = setup.finish(job)
    assert (finished.state, finished.made) == ("interrupted", int(finish_current))


def test_an_interrupted_job_continues_where_it_stopped(
    open_engine: OpenEngine, sampler: Sampler
) -> None:
    """The images of an interrupted and of an uninterrupted run are the same."""
    job = a_job(count=4, batch_size=2)
    interrupted, uninterrupted = open_engine(sampler), open_engine(sampler)
    interrupted.reactions.append(
        once(
            StepDone,
            lambda: interrupted.engine.stop(finish_current=False),
            lambda event: event.batch == 2,
        )
    )
    interrupted.run(job)
    assert len(interrupted.files()) == 2
    interrupted.engine.join(TIMEOUT)
    again = EngineSetup(interrupted.root, sampler)
    try:
        assert again.run(job)[0].made == 2
    finally:
        again.close()
    uninterrupted.run(job)
    assert interrupted.files() == uninterrupted.files()
    for file in uninterrupted.files():
        one, other = (Image.open(setup.root / file) for setup in (interrupted, uninterrupted))
        assert np.array_equal(levels(one), levels(other))


def test_a_stopping_engine_accepts_no_job(setup: EngineSetup) -> None:
    setup.engine.stop(finish_current=True)
    with pytest.raises(GenerationError, match="is quitting"):
        setup.engine.submit(a_job())
    assert setup.job_states() == {}


def test_a_job_that_waited_when_the_engine_stopped_is_run_by_the_next_engine(
    open_engine: OpenEngine, sampler: Sampler
) -> None:
    first = open_engine(sampler)
    first.engine.pause()
    job = a_job()
    first.engine.submit(job)
    first.engine.stop(finish_current=False)
    assert first.engine.join(TIMEOUT)
    first.engine.resume()
    again = EngineSetup(first.root, sampler)
    try:
        again.engine.start()
        assert again.finish(job).state == "done"
    finally:
        again.close()
