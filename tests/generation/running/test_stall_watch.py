"""A step that takes far longer than usual is logged, once; a pause is not a stall."""

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
def emitted() -> list[Event]:
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


def test_a_long_step_is_logged_once(emitted: list[Event]) -> None:
    with StallWatch(emitted.append, LEAST) as watch:
        steps(watch)
        wait_until(lambda: bool(emitted))
        time.sleep(3 * LEAST)
    (line,) = emitted
    assert isinstance(line, LogLine)
    assert line.level == "warning"
    assert "times as long as usual" in line.text
    assert "you can quit at any time" in line.text


def test_the_next_long_step_is_logged_again(emitted: list[Event]) -> None:
    with StallWatch(emitted.append, LEAST) as watch:
        steps(watch)
        wait_until(lambda: len(emitted) == 1)
        watch.beat(0.5)
        wait_until(lambda: len(emitted) == 2)


@pytest.mark.parametrize(
    "before",
    [
        lambda watch: None,  # no step has begun
        lambda watch: watch.begin(),  # the first step: nothing to compare with
        lambda watch: (steps(watch), watch.rest()),
        lambda watch: steps(watch, seconds=10.0),  # as slow as usual
    ],
    ids=["idle", "first", "resting", "slow"],
)
def test_other_waits_are_not_reported_as_stalls(
    before: Callable[[StallWatch], object], emitted: list[Event]
) -> None:
    with StallWatch(emitted.append, LEAST) as watch:
        before(watch)
        time.sleep(4 * LEAST)
    assert emitted == []


def test_watching_ends_with_the_job(emitted: list[Event]) -> None:
    with StallWatch(emitted.append, LEAST) as watch:
        steps(watch)
    time.sleep(3 * LEAST)
    assert emitted == []


@pytest.fixture
def short_limit(monkeypatch: pytest.MonkeyPatch) -> float:
    """Engines that call a step of over 1.5 seconds a stall."""
    least = 1.5
    monkeypatch.setattr(job_run, "StallWatch", lambda emit: StallWatch(emit, least))
    return least


def test_a_long_step_of_a_job_is_logged(
    setup: EngineSetup, sampler: Sampler, short_limit: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count == 6:
            time.sleep(short_limit + 1.5)

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    (finished,) = setup.run(a_job(steps=8))
    assert finished.state == "done"
    (line,) = [text for text in setup.log("warning") if "A step has taken" in text]
    assert "times as long as usual" in line


def test_a_pause_is_not_logged(setup: EngineSetup, short_limit: float) -> None:
    job = a_job(steps=8)
    setup.reactions.append(once(StepDone, setup.engine.pause, lambda event: event.step == 5))
    setup.engine.submit(job)
    setup.wait_for(JobStateChanged)
    time.sleep(short_limit + 1)
    setup.engine.resume()
    assert setup.finish(job).state == "done"
    assert setup.log("warning") == []
