"""Flawed images: decoded a second time, then recorded as failed, never saved."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from support.generation_samples import EngineSetup, a_job

from xray_tui.generation.events import ImageSaved, TaskFailed
from xray_tui.generation.sampling.sampler import Sampler

Decoded = Any
SpoilDecoding = Callable[[Callable[[Decoded], Decoded]], list[Any]]


@pytest.fixture
def spoil(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> SpoilDecoding:
    """Changes the images that the real autoencoder decodes; returns a list of its input latents."""
    assert sampler.model is not None
    vae = sampler.model.pipeline.vae
    decode = vae.decode

    def spoil_with(change: Callable[[Decoded], Decoded]) -> list[Any]:
        given: list[Any] = []

        def spoiled(latents: Any, **options: Any) -> tuple[Any]:
            given.append(latents.clone())
            return (change(decode(latents, **options)[0].clone()),)

        monkeypatch.setattr(vae, "decode", spoiled)
        return given

    return spoil_with


def with_nan(images: Decoded, *indices: int) -> Decoded:
    for index in indices:
        images[index, :, 3, 5] = float("nan")  # one pixel is enough
    return images


def test_nan_is_decoded_again_in_float32(setup: EngineSetup, spoil: SpoilDecoding) -> None:
    import torch

    first = True

    def change(images: Decoded) -> Decoded:
        nonlocal first
        was_first, first = first, False
        return with_nan(images, 1) if was_first else images

    given = spoil(change)
    job = a_job(count=3)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 3, 0)
    whole, again = given
    assert again.dtype == torch.float32
    assert torch.equal(again, whole[1:2])  # only that image


@pytest.mark.parametrize("seed", range(3))
def test_images_with_nan_are_reported_and_never_saved(
    seed: int, setup: EngineSetup, spoil: SpoilDecoding
) -> None:
    import torch

    draw = random.Random(seed)
    bad: list[Any] = []

    def change(images: Decoded) -> Decoded:
        for index, latents in enumerate(given[-1]):
            known = any(torch.equal(latents, other) for other in bad)
            if known or (len(images) > 1 and draw.random() < 0.3):
                bad.append(latents)
                with_nan(images, index)
        return images

    given = spoil(change)
    job = a_job(count=12, batch_size=4, steps=1)
    (finished,) = setup.run(job)
    failed = {event.task.id for event in setup.seen(TaskFailed)}
    saved = {event.record.task.id for event in setup.seen(ImageSaved)}
    assert len(failed) == len(bad) // 2 == finished.failed > 0  # each was decoded twice
    assert failed | saved == {task.id for task in job.tasks}
    assert not failed & saved
    assert len(setup.files()) == len(saved) == finished.made
    assert all("NaN" in event.message for event in setup.seen(TaskFailed))
    assert setup.task_states(job) == [
        "failed" if task.id in failed else "done" for task in job.tasks
    ]


def test_a_uniformly_grey_image_is_not_saved(setup: EngineSetup, spoil: SpoilDecoding) -> None:
    def change(images: Decoded) -> Decoded:
        images[:1] = 0.2
        return images

    spoil(change)
    job = a_job(count=2)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 1, 1)
    (failed,) = setup.seen(TaskFailed)
    assert "single uniform grey" in failed.message


def test_failed_tasks_succeed_when_retried(
    setup: EngineSetup, spoil: SpoilDecoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(lambda images: with_nan(images, 0))
    job = a_job(count=3)
    setup.run(job)
    assert setup.task_states(job) == ["failed", "done", "done"]
    monkeypatch.undo()
    setup.events.clear()
    assert setup.engine.retry(job.id) == 1
    finished = setup.finish(job)
    assert (finished.state, finished.made) == ("done", 1)
    assert setup.task_states(job) == ["done"] * 3


def test_a_job_stops_if_its_first_five_tasks_fail_in_the_same_way(
    setup: EngineSetup, spoil: SpoilDecoding
) -> None:
    spoil(lambda images: with_nan(images, *range(len(images))))
    job = a_job(count=24, batch_size=2, steps=1)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("failed", 0, 5)
    assert finished.message.startswith("the first 5 images all failed in the same way")
    assert "NaN" in finished.message
    assert finished.message in setup.log("error")
    assert setup.task_states(job) == ["failed"] * 5 + ["queued"] * 19
    assert setup.run(a_job(seed=99, count=1, batch_size=1))[0].state == "failed"  # it still runs


def test_different_problems_do_not_stop_a_job(setup: EngineSetup, spoil: SpoilDecoding) -> None:
    again = cycle((False, True))  # in each batch the first image is grey, the second contains NaN

    def change(images: Decoded) -> Decoded:
        images[:] = 0.5
        has_nan = next(again) if len(images) == 1 else False
        return with_nan(images, 0) if has_nan else images

    spoil(change)
    job = a_job(count=12, batch_size=2, steps=1)
    (finished,) = setup.run(job)
    assert finished.failed == 12
    assert finished.message == "no image could be generated; the log says why"


def test_one_good_image_keeps_a_job_going(setup: EngineSetup, spoil: SpoilDecoding) -> None:
    seen = 0

    def change(images: Decoded) -> Decoded:
        nonlocal seen
        seen += 1
        return images if seen == 1 else with_nan(images, *range(len(images)))

    spoil(change)
    (finished,) = setup.run(a_job(count=10, batch_size=2, steps=1))
    assert (finished.state, finished.made, finished.failed) == ("done", 2, 8)
