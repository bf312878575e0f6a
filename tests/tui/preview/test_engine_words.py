"""Words for every state of the engine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import get_args

import pytest
from support.preview_samples import a_run, a_step, an_end

from xray_tui.dataset.queue.states import ENDED, JobState
from xray_tui.generation.events import (
    Event,
    GeneratorElsewhere,
    JobQueued,
    JobStateChanged,
    ModelLoading,
    QueuePaused,
)
from xray_tui.generation.progress import ProgressModel
from xray_tui.tui.preview.engine_words import EngineWords, Spoken, engine_words


def words(*events: Event) -> EngineWords:
    """The words after ``events``."""
    model = ProgressModel()
    for event in events:
        model.apply(event)
    return engine_words(model)


QUEUED = JobQueued("job", "normal", 12, 0)
ELSEWHERE = GeneratorElsewhere("process 25961")
LOADING = ModelLoading("job", "bundled", "loading the unet", 0.3)


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([], ""),
        ([QueuePaused(True)], "Paused: press P to resume"),
        ([QUEUED], "Starting"),
        ([QUEUED, ELSEWHERE], "Waiting: process 25961 uses the dataset"),
        ([QUEUED, ModelLoading("job", "m", "loading PyTorch")], "Loading PyTorch"),
        ([QUEUED, LOADING], "Loading the unet … 30%"),
        ([QUEUED, LOADING, QueuePaused(True)], "Paused: press P to resume"),
        (a_run(), "Starting"),
        ([*a_run(), a_step(1)], ""),
        (
            [*a_run(total=12), a_step(1), ELSEWHERE],
            "Process 25961 is generating: 0/12; finished images appear here",
        ),
        ([*a_run(), a_step(1), QueuePaused(True)], "Paused: press P to resume"),
        (
            [*a_run(), JobStateChanged("job", "paused", "waiting until the disk can be written")],
            "Waiting until the disk can be written",
        ),
        (
            [*a_run(), JobStateChanged("job", "paused")],
            "Job paused: press space in the queue to resume it",
        ),
        ([*a_run(), an_end(state="failed", message="no model")], "The job failed: no model"),
        (
            [*a_run(), an_end(state="interrupted")],
            "Job interrupted: press space in the queue to resume it",
        ),
        ([*a_run(), an_end(state="cancelled")], ""),
        ([*a_run(), an_end()], ""),
    ],
)
def test_every_state_has_its_words(events: Sequence[Event], text: str) -> None:
    assert words(*events).text == text


@pytest.mark.parametrize("state", get_args(JobState))
def test_no_state_of_a_job_is_forgotten(state: JobState) -> None:
    changed = an_end(state=state) if state in ENDED else JobStateChanged("job", state)
    silent = {"done", "cancelled"}  # a picture, or what to do next, is shown instead
    assert bool(words(*a_run(), changed).text) == (state not in silent)


def test_while_steps_are_done_a_picture_will_come() -> None:
    assert words(*a_run(), a_step(1)).generating
    assert not words(*a_run(), a_step(1), an_end()).generating


def test_words_are_idle_when_only_the_user_can_continue() -> None:
    assert words(QUEUED, QueuePaused(True)).idle
    assert not words(QUEUED, LOADING).idle


def test_seconds_count_while_nothing_else_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    spoken = Spoken()
    loading = words(QUEUED, ModelLoading("job", "m", "loading PyTorch"))
    assert spoken.change(loading) and not spoken.change(loading)
    now = 104.2
    assert spoken.text == "Loading PyTorch … 4 s"
    assert spoken.change(words(QUEUED, LOADING)) and spoken.text == "Loading the unet … 30%"
