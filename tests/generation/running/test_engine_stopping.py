"""Cancel, pause and stop: within a step, and with nothing half-made left behind."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import PATIENCE, House, a_job, levels, long_job, once

from xray_tui.errors import GenerationError
from xray_tui.generation.events import (
    ImageSaved,
    JobFinished,
    JobStarted,
    JobStateChanged,
    ModelLoading,
    StepDone,
)
from xray_tui.generation.sampling.sampler import Sampler

OpenHouse = Callable[[Sampler | None], House]


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
    assert house.log("error") == []
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
    assert house.log("error") == []


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


def test_stop_at_once_interrupts_what_runs_and_leaves_what_waits(house: House) -> None:
    running, waiting = long_job(), a_job(seed=1)
    house.reactions.append(
        once(
            StepDone,
            lambda: house.engine.stop(finish_current=False),
            lambda event: event.step == 2,
        )
    )
    house.engine.submit(running)
    house.engine.submit(waiting)
    assert house.finish(running).state == "interrupted"
    assert house.engine.join(PATIENCE)
    assert len(house.told(StepDone)) == 2
    assert house.files() == house.leftovers() == []
    assert house.told(JobFinished, waiting) == []
    assert house.job_states() == {running.id: "interrupted", waiting.id: "queued"}
    assert house.task_states(running) == ["queued", "queued"]


def test_stop_may_let_the_batch_finish(house: House) -> None:
    running, waiting = a_job(count=2, batch_size=1, steps=3), a_job(seed=1)
    house.reactions.append(once(StepDone, lambda: house.engine.stop(finish_current=True)))
    house.engine.submit(running)
    house.engine.submit(waiting)
    finished = house.finish(running)
    assert (finished.state, finished.made) == ("interrupted", 1)
    assert [event.step for event in house.told(StepDone)] == [1, 2, 3]
    assert len(house.files()) == 1
    assert house.task_states(running) == ["done", "queued"]
    assert house.job_states()[waiting.id] == "queued"


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


def test_what_waited_when_the_engine_stopped_is_made_by_the_next(
    open_house: OpenHouse, sampler: Sampler
) -> None:
    first = open_house(sampler)
    first.engine.pause()
    job = a_job()
    first.engine.submit(job)
    first.engine.stop(finish_current=False)
    assert first.engine.join(PATIENCE)
    first.engine.resume()
    again = House(first.root, sampler)
    try:
        again.engine.start()
        assert again.finish(job).state == "done"
    finally:
        again.close()
