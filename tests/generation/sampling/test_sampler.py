"""The sampler: the same seed gives the same image, it stops when asked, it flags bad images."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from support.generation_samples import Calls, Watcher, a_batch, a_job, a_prompt, levels

from xray_tui.errors import GenerationError
from xray_tui.generation.sampling.loading import LoadedModel
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Interrupted


@pytest.fixture
def model(sampler: Sampler) -> LoadedModel:
    assert sampler.model is not None
    return sampler.model


def watch(monkeypatch: pytest.MonkeyPatch, part: Any, **options: Any) -> Calls:
    """Count the calls of a component's ``forward``."""
    calls = Calls(part.forward, **options)
    monkeypatch.setattr(part, "forward", calls)
    return calls


def test_without_a_model_nothing_is_sampled() -> None:
    with pytest.raises(GenerationError, match="no model"):
        Sampler().sample(a_batch(), Watcher())


def test_the_same_model_is_kept(sampler: Sampler, model: LoadedModel) -> None:
    reported: list[str] = []
    for device, dtype in (("cpu", "auto"), ("cpu", "float32")):
        again = sampler.load(model.info, device, dtype, lambda text, part: reported.append(text))
        assert again is model
    assert reported == []


# ---- reproducible --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheduler", ["dpm++-2m", "ddpm", "euler-a", "dpm++-2m-sde-karras"])
def test_the_same_seed_gives_the_same_image_bit_for_bit(scheduler: str, sampler: Sampler) -> None:
    batch = a_batch(count=2, scheduler=scheduler)
    first, again = (
        [levels(outcome) for outcome in sampler.sample(batch, Watcher())] for _ in range(2)
    )
    assert np.array_equal(first, again)
    assert (first[0] != first[1]).any()


def test_text_negative_prompt_and_guidance_change_the_image(sampler: Sampler) -> None:
    changes: list[dict[str, Any]] = [
        {},
        {"guidance_scale": 9.0},
        {"guidance_scale": 9.0, "negative_prompt": "knee radiograph of a child"},
        {"guidance_scale": 1.0},
    ]
    images = {
        levels(sampler.sample(a_batch(**change), Watcher())[0]).tobytes() for change in changes
    }
    assert len(images) == len(changes)
    other = a_job(a_prompt(text="Hand radiograph.")).batches[0]
    assert levels(sampler.sample(other, Watcher())[0]).tobytes() not in images


def test_a_task_gives_the_same_image_alone_and_in_a_batch(sampler: Sampler) -> None:
    batch = a_batch(count=2, seed=4)
    together = sampler.sample(batch, Watcher())
    for task, outcome in zip(batch, together, strict=True):
        (alone,) = sampler.sample([task], Watcher())
        difference = np.abs(levels(outcome) - levels(alone))
        assert (difference <= 2).mean() > 0.99


def test_each_image_has_its_own_noise_generator(
    sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    unet = watch(monkeypatch, model.pipeline.unet)
    batch = a_batch(count=3, seed=11, scheduler="ddim", guidance_scale=1.0)
    sampler.sample((batch[2], batch[0], batch[1]), Watcher())
    noise = unet.arguments[0][0]
    assert len(noise) == 3
    for found, seed in zip(noise, (13, 11, 12), strict=True):
        own = torch.Generator("cpu").manual_seed(seed)
        assert torch.equal(found, torch.randn(found.shape, generator=own))


def test_sizes_are_width_by_height(sampler: Sampler) -> None:
    (outcome,) = sampler.sample(a_batch(width=96, height=64), Watcher())
    assert outcome.image is not None
    assert (outcome.image.mode, outcome.image.size) == ("L", (96, 64))


# ---- embeddings ----------------------------------------------------------------------------------


def test_each_text_is_encoded_once(
    sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = watch(monkeypatch, model.pipeline.text_encoder)
    prompts = [a_prompt(f"p-{number}", text=f"Encoded {number % 2}.") for number in range(4)]
    changes = {"count": 2, "negative_prompt": "Encoded negative.", "batch_size": 8}
    batch = a_job(*prompts, **changes).batches[0]
    assert len(batch) == 8
    sampler.sample(batch, Watcher())
    assert encoder.count == 3  # two texts and one negative prompt
    sampler.sample(batch[::-1], Watcher())
    assert encoder.count == 3
    sampler.sample(a_job(a_prompt(text="Encoded 2.")).batches[0], Watcher())
    assert encoder.count in (4, 5)  # the empty negative prompt may be encoded already


def test_without_guidance_the_negative_prompt_is_not_encoded(
    sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = watch(monkeypatch, model.pipeline.text_encoder)
    changes = {"guidance_scale": 1.0, "negative_prompt": "Never read."}
    sampler.sample(a_job(a_prompt(text="Read."), **changes).batches[0], Watcher())
    assert encoder.count == 1


def test_a_long_prompt_warns_once_for_all_its_images(sampler: Sampler) -> None:
    long = a_prompt(text="\x1b[31m" + "chest radiograph of a child " * 40)
    batch = a_job(long, count=3).batches[0]
    for _ in range(2):  # also if the text is encoded already
        watcher = Watcher()
        outcomes = sampler.sample(batch, watcher)
        assert all(outcome.image for outcome in outcomes)
        (warning,) = watcher.warnings
        assert "the model reads only 77" in warning
        assert "chest radiograph of a child" in warning
        assert warning.isprintable()


def test_a_long_negative_prompt_warns_too(sampler: Sampler) -> None:
    watcher = Watcher()
    sampler.sample(a_batch(negative_prompt="blurry " * 150), watcher)
    (warning,) = watcher.warnings
    assert "blurry" in warning
    watcher = Watcher()
    sampler.sample(a_batch(), watcher)
    assert watcher.warnings == []


# ---- stopping and time ---------------------------------------------------------------------------


@pytest.mark.parametrize("stop_after", [1, 3])
def test_an_interruption_ends_the_batch_within_one_step(
    stop_after: int, sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    unet = watch(monkeypatch, model.pipeline.unet)
    vae = Calls(model.pipeline.vae.decode)
    monkeypatch.setattr(model.pipeline.vae, "decode", vae)

    def at_step(step: int) -> None:
        if step == stop_after:
            raise Interrupted

    watcher = Watcher(at_step)
    with pytest.raises(Interrupted):
        sampler.sample(a_batch(steps=20), watcher)
    assert watcher.steps == list(range(1, stop_after + 1))
    assert unet.count == stop_after
    assert vae.count == 0


def test_an_interruption_does_not_affect_the_next_batch(sampler: Sampler) -> None:
    def at_step(step: int) -> None:
        raise Interrupted

    before = levels(sampler.sample(a_batch(), Watcher())[0])
    with pytest.raises(Interrupted):
        sampler.sample(a_batch(steps=9, scheduler="euler"), Watcher(at_step))
    assert np.array_equal(levels(sampler.sample(a_batch(), Watcher())[0]), before)


def test_a_pause_is_not_part_of_a_step(sampler: Sampler) -> None:
    watcher = Watcher(lambda step: time.sleep(1.5) if step < 3 else None)
    start = time.perf_counter()
    sampler.sample(a_batch(steps=3), watcher)
    total = time.perf_counter() - start
    assert len(watcher.seconds) == 3
    assert all(seconds > 0 for seconds in watcher.seconds)
    assert sum(watcher.seconds) <= total - 2 * 1.5


# ---- bad images ----------------------------------------------------------------------------------


def spoil(monkeypatch: pytest.MonkeyPatch, model: LoadedModel, how: Any) -> None:
    """Apply ``how`` to the first image of each batch that the real pipeline's VAE decodes."""

    def after(result: Any) -> Any:
        images = result[0].clone()
        images[0] = how(images[0])
        return (images,)

    vae = model.pipeline.vae
    monkeypatch.setattr(vae, "decode", Calls(vae.decode, after=after))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (lambda image: image * float("nan"), "NaN"),
        (lambda image: image + float("inf"), "NaN"),
        (lambda image: image * 0, "uniform grey"),
        (lambda image: image * 0 + 9, "uniform grey"),
        (lambda image: image * 1e-6, "uniform grey"),
    ],
)
def test_a_bad_image_has_a_problem_and_the_others_do_not(
    how: Any,
    says: str,
    sampler: Sampler,
    model: LoadedModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoil(monkeypatch, model, how)
    bad, good = sampler.sample(a_batch(count=2), Watcher())
    assert bad.image is None
    assert says in bad.problem
    assert good.image is not None
    assert good.problem == ""


def test_a_single_nan_pixel_is_a_bad_image(
    sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def how(image: Any) -> Any:
        image[0, 5, 5] = float("nan")
        return image

    spoil(monkeypatch, model, how)
    (bad,) = sampler.sample(a_batch(), Watcher())
    assert bad.image is None


def test_nan_in_latents_is_a_bad_image(
    sampler: Sampler, model: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latents are NaN from the first step on; their previews raise no error."""
    watch(
        monkeypatch,
        model.pipeline.unet,
        after=lambda result: tuple(part * float("nan") for part in result),
    )
    watcher = Watcher()
    (bad,) = sampler.sample(a_batch(), watcher)
    assert bad.image is None
    assert "NaN" in bad.problem
    assert watcher.steps == [1, 2]
