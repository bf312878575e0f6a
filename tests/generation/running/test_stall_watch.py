"""A step that takes far longer than usual is told of, once; a pause is no stall."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from support.generation_samples import Calls, EngineSetup, a_job, once

from xray_tui.generation.events import Event, JobStateChanged, LogLine, StepDone
from xray_tui.generation.running import job_run
from xray_tui.generation.running.stall_watch import StallWatch
from xray_tui.generation.sampling.sampler import Sampler

LEAST = 0.2


@pytest.fixture
def told() -> list[Event]:
    return []


def steps(watch: StallWatch, number: int = 5, seconds: float = 0.01) -> None:
    watch.begin()
    for _ in range(number):
        watch.beat(seconds)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_long_step_is_told_of_once(told: list[Event]) -> None:
    with StallWatch(told.append, LEAST) as watch:
        steps(watch)
        wait_until(lambda: bool(told))
        time.sleep(3 * LEAST)
    (line,) = told
    assert isinstance(line, LogLine)
    assert line.level == "warning"
    assert "times as long as usual" in line.text
    assert "you can quit at any time" in line.text


def test_the_next_long_step_is_told_of_again(told: list[Event]) -> None:
    with StallWatch(told.append, LEAST) as watch:
        steps(watch)
        wait_until(lambda: len(told) == 1)
        watch.beat(0.5)
        wait_until(lambda: len(told) == 2)


@pytest.mark.parametrize(
    "before",
    [
        lambda watch: None,  # not begun
        lambda watch: watch.begin(),  # the first step of all: nothing to compare with
        lambda watch: (steps(watch), watch.rest()),
        lambda watch: steps(watch, seconds=10.0),  # slow as ever
    ],
    ids=["idle", "first", "resting", "slow"],
)
def test_what_is_no_stall(before: Callable[[StallWatch], object], told: list[Event]) -> None:
    with StallWatch(told.append, LEAST) as watch:
        before(watch)
        time.sleep(4 * LEAST)
    assert told == []


def test_it_ends_with_the_job(told: list[Event]) -> None:
    with StallWatch(told.append, LEAST) as watch:
        steps(watch)
    time.sleep(3 * LEAST)
    assert told == []


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> float:
    """Engines that find a step of over a second long."""
    least = 1.5
    monkeypatch.setattr(job_run, "StallWatch", lambda tell: StallWatch(tell, least))
    return least


def test_a_step_of_a_job_that_takes_long_is_told_of(
    setup: EngineSetup, sampler: Sampler, watchful: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 6:
            time.sleep(watchful + 1.5)

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    (finished,) = setup.run(a_job(steps=8))
    assert finished.state == "done"
    (line,) = [text for text in setup.log("warning") if "a step has taken" in text]
    assert "times as long as usual" in line


def test_a_pause_is_not_told_of(setup: EngineSetup, watchful: float) -> None:
    job = a_job(steps=8)
    setup.reactions.append(once(StepDone, setup.engine.pause, lambda event: event.step == 5))
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged)
    time.sleep(watchful + 1)
    setup.engine.resume()
    assert setup.finish(job).state == "done"
    assert setup.log("warning") == []
