"""Batches too large for the device: smaller parts, then leaner settings, then failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.advice import advised
from support.generation_samples import Calls, EngineSetup, a_job

from xray_tui.generation.events import ImageSaved, StepDone, TaskFailed
from xray_tui.generation.sampling.sampler import Sampler

LimitMemory = Callable[[int], None]


@pytest.fixture
def limit_memory(sampler: Sampler, monkeypatch: pytest.MonkeyPatch) -> LimitMemory:
    """Makes the UNet of the real pipeline run out of memory above a number of images."""
    import torch

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    forward = unet.forward

    def limit(images: int) -> None:
        def limited(latents: Any, *arguments: Any, **options: Any) -> Any:
            guided = 2  # with guidance, each image takes two rows
            if len(latents) > images * guided:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
            return forward(latents, *arguments, **options)

        monkeypatch.setattr(unet, "forward", limited)

    return limit


@pytest.fixture
def measures(sampler: Sampler) -> Iterator[list[str]]:
    """Replaces the sampler's measures that save memory; lists the names of applied measures."""
    applied: list[str] = []
    before = sampler._measures
    sampler._measures = [
        (name, lambda name=name: applied.append(name)) for name in ("slicing", "main memory")
    ]
    yield applied
    sampler._measures = before


def batch_limit(setup: EngineSetup, job_id: str) -> int:
    row = setup.dataset.queue.row(job_id)
    assert row is not None
    return row.batch_limit


def test_a_batch_of_8_becomes_batches_of_2(setup: EngineSetup, limit_memory: LimitMemory) -> None:
    limit_memory(2)
    job = a_job(count=10, batch_size=8, steps=1)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 10, 0)
    assert setup.log("warning") == [
        "Not enough memory for 8 images at once; this job continues with 4",
        "Not enough memory for 4 images at once; this job continues with 2",
    ]
    saved = [event.record for event in setup.seen(ImageSaved)]
    assert [record.task.id for record in saved] == [task.id for task in job.tasks]
    places = [(r.provenance.batch_size, r.provenance.batch_position) for r in saved]
    assert places == [(2, 0), (2, 1)] * 5
    assert batch_limit(setup, job.id) == 2


def test_the_limit_is_remembered_for_the_job(setup: EngineSetup, limit_memory: LimitMemory) -> None:
    limit_memory(2)
    job = a_job(count=8, batch_size=4, steps=1)
    setup.run(job)
    for event in setup.seen(ImageSaved)[4:]:
        setup.dataset.path_of(event.record).unlink()
    before = len(setup.log("warning"))
    setup.events.clear()
    (finished,) = setup.run(job)
    assert (finished.state, finished.made) == ("done", 4)
    assert before == 1
    assert setup.log("warning") == []
    assert {event.record.provenance.batch_size for event in setup.seen(ImageSaved)} == {2}


def test_another_job_starts_without_a_limit(setup: EngineSetup, limit_memory: LimitMemory) -> None:
    limit_memory(2)
    setup.run(a_job(count=4, batch_size=4, steps=1))
    limit_memory(4)
    other = a_job(count=4, batch_size=4, steps=1, seed=100)
    setup.run(other)
    sizes = {event.record.provenance.batch_size for event in setup.seen(ImageSaved, other)}
    assert sizes == {4}
    assert batch_limit(setup, other.id) == 0


def test_leaner_settings_are_tried_before_the_task_of_one_image_fails(
    setup: EngineSetup, limit_memory: LimitMemory, measures: list[str]
) -> None:
    limit_memory(0)
    job = a_job(count=2, batch_size=2)
    (finished,) = setup.run(job)
    assert (finished.state, finished.failed) == ("failed", 2)
    assert "the log says why" in finished.message
    assert measures == ["slicing", "main memory"]
    assert setup.log("warning") == [
        "Not enough memory for 2 images at once; this job continues with 1",
        "Not enough memory for one image; trying slicing",
        "Not enough memory for one image; trying main memory",
    ]
    for event in setup.seen(TaskFailed):
        assert "not enough memory for one image of 64×64" in event.message
    assert setup.seen(StepDone) == []


def test_one_task_too_large_for_the_memory_does_not_stop_the_job(
    setup: EngineSetup, sampler: Sampler, measures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def before(count: int) -> None:
        if count in {2, 3, 4}:  # the second image, and each retry of it
            raise MemoryError

    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    monkeypatch.setattr(unet, "forward", Calls(unet.forward, before=before))
    job = a_job(count=3, batch_size=1, steps=1)
    (finished,) = setup.run(job)
    assert (finished.state, finished.made, finished.failed) == ("done", 2, 1)
    assert setup.task_states(job) == ["done", "failed", "done"]
    assert len(measures) == 2


def test_a_smaller_size_needs_less_memory(
    setup: EngineSetup, sampler: Sampler, measures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    forward = unet.forward

    def limited(latents: Any, *arguments: Any, **options: Any) -> Any:
        if latents.shape[-1] > 64 // sampler.model.info.checkpoint.latent_factor:
            raise MemoryError
        return forward(latents, *arguments, **options)

    monkeypatch.setattr(unet, "forward", limited)
    (finished,) = setup.run(a_job(width=128, count=1, steps=1))
    assert finished.failed == 1
    (failed,) = setup.seen(TaskFailed)
    advised("reduce the size, or use a smaller model or another device", failed.message)
    finished = setup.run(a_job(count=1, steps=1))[-1]
    assert (finished.made, finished.failed) == (1, 0)


def test_slicing_and_tiling_still_generate_images(sampler: Sampler, setup: EngineSetup) -> None:
    assert sampler.model is not None
    before = list(sampler._measures)
    try:
        assert sampler.save_memory() == "slicing and tiling"
        assert setup.run(a_job(count=2))[0].state == "done"
    finally:
        pipeline = sampler.model.pipeline
        pipeline.disable_attention_slicing()
        pipeline.vae.disable_slicing()
        pipeline.vae.disable_tiling()
        sampler._measures = before


def test_the_limit_is_stored_in_the_catalog(setup: EngineSetup, limit_memory: LimitMemory) -> None:
    """The limit is in the file on disk, not only in the memory of this process."""
    limit_memory(1)
    job = a_job(count=2, batch_size=2, steps=1)
    setup.run(job)
    connection = sqlite3.connect(setup.root / ".xray-tui" / "catalog.sqlite")
    (row,) = connection.execute("SELECT batch_limit, state FROM jobs").fetchall()
    connection.close()
    assert row == (1, "done")
