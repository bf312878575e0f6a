"""Every scheduler is built from the checkpoint's configuration, and generates images."""

from __future__ import annotations

import inspect
import math
from typing import Any, get_args

import numpy as np
import pytest
from support.generation_samples import Calls, Watcher, a_batch, levels

from xray_tui.generation.sampling import preview
from xray_tui.generation.sampling.preview import Previewer, StepRecorder
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.schedulers import SCHEDULERS, build
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.parameters import ETA_SCHEDULERS, SchedulerName

pytestmark = pytest.mark.filterwarnings("ignore")  # tens of thousands, from numpy
NAMES: tuple[SchedulerName, ...] = get_args(SchedulerName)
NO_SAMPLE = ("pndm", "euler-a", "dpm2", "dpm2-karras", "dpm2-a", "dpm2-a-karras")
EPSILON = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "epsilon",
    "clip_sample": True,
    "steps_offset": 1,
    "use_karras_sigmas": True,
    "use_beta_sigmas": True,
}
"""The configuration of a Stable Diffusion 1 checkpoint, with a spacing that no scheduler uses."""


@pytest.fixture(scope="module")
def config(sampler: Sampler) -> dict[str, Any]:
    """The noise schedule of the bundled checkpoint."""
    assert sampler.model is not None
    return dict(sampler.model.pipeline.scheduler.config)


def pairs(*predictions: str) -> list[Any]:
    """Every scheduler with every prediction.

    Karras' noise levels and the prediction are separate options of one class, so that both together
    are slow tests, except for the prediction of the bundled checkpoint.
    """
    return [
        pytest.param(name, prediction, marks=[pytest.mark.slow] * slow)
        for name in NAMES
        for prediction in predictions
        for slow in [name.endswith("-karras") and prediction != "v_prediction"]
    ]


def test_there_is_one_scheduler_per_name() -> None:
    assert len(NAMES) == 27
    assert set(SCHEDULERS) == set(NAMES)
    with pytest.raises(KeyError):
        build("magic", {})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NAMES)
def test_the_options_of_a_scheduler_match_its_name(
    name: SchedulerName, config: dict[str, Any]
) -> None:
    for source in (config, EPSILON):
        scheduler = build(name, source)
        known = inspect.signature(type(scheduler).__init__).parameters
        options = {key: value for key, value in scheduler.config.items() if key in known}
        assert options["prediction_type"] == source["prediction_type"]
        assert options.get("use_karras_sigmas", False) == name.endswith("-karras")
        assert not options.get("use_beta_sigmas")
        assert not options.get("clip_sample")
        if name.startswith("dpm++-2m"):
            assert options["algorithm_type"].startswith("sde-") == ("-sde" in name)


@pytest.mark.parametrize("steps", [1, 2, pytest.param(37, marks=pytest.mark.slow), 200])
@pytest.mark.parametrize("name", NAMES)
def test_noise_levels_are_finite_for_any_number_of_steps(
    name: SchedulerName, steps: int, config: dict[str, Any]
) -> None:
    scheduler = build(name, config, steps)
    scheduler.set_timesteps(steps)
    assert steps <= len(scheduler.timesteps) <= 2 * steps + 1
    assert scheduler.timesteps.isfinite().all()
    assert (scheduler.timesteps >= 0).all()
    sigmas = getattr(scheduler, "sigmas", None)
    assert sigmas is None or np.isfinite(np.asarray(sigmas)).all()


@pytest.mark.parametrize("steps", [1, pytest.param(4, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NAMES)
def test_every_scheduler_generates_an_image_with_finite_previews(
    name: SchedulerName, steps: int, sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def make(previewer: Previewer, clean: Any) -> Picture:
        seen.append(clean)
        return real(previewer, clean)

    real = Previewer.make
    monkeypatch.setattr(Previewer, "make", make)
    monkeypatch.setattr(preview, "MIN_INTERVAL", 0.0)
    monkeypatch.setattr(preview, "MAX_SHARE", math.inf)
    watcher = Watcher()
    (outcome,) = sampler.sample(a_batch(scheduler=name, steps=steps), watcher)

    assert outcome.problem == ""
    assert outcome.image is not None
    assert (outcome.image.mode, outcome.image.size) == ("L", (64, 64))
    assert watcher.steps == list(range(1, steps + 1))
    assert len(seen) == len(watcher.previews) == steps
    for clean in seen:
        assert clean.isfinite().all()
        assert clean.shape[-2:] == (4, 4)


@pytest.mark.parametrize(("name", "prediction"), pairs("v_prediction", "epsilon", "sample"))
def test_the_recorder_finds_the_clean_latents(
    name: SchedulerName, prediction: str, config: dict[str, Any]
) -> None:
    """From the correct prediction for known latents and noise, it computes the known latents."""
    import torch

    if prediction == "sample" and name in NO_SAMPLE:
        pytest.skip("diffusers does not support this")

    scheduler = build(name, {**config, "prediction_type": prediction}, 5)
    recorder = StepRecorder(scheduler, scales_noise=SCHEDULERS[name].scales_noise)
    assert recorder.predict(0) is None
    scheduler.set_timesteps(5)
    generator = torch.Generator().manual_seed(0)
    latents, noise = (torch.randn(2, 4, 8, 8, generator=generator) for _ in range(2))
    for number, timestep in enumerate(scheduler.timesteps):
        alpha = recorder._alpha(float(timestep))
        signal, spread = math.sqrt(alpha), math.sqrt(1 - alpha)
        sample = signal * latents + spread * noise
        if SCHEDULERS[name].scales_noise:
            sample = sample / signal
        answer = {
            "v_prediction": signal * noise - spread * latents,
            "epsilon": noise,
            "sample": latents,
        }[prediction]
        scheduler.step(answer, timestep, sample)
        if prediction == "epsilon" and number == 0:
            continue  # with this much noise, the prediction says nothing about the latents
        found = recorder.predict(1)
        assert found is not None
        assert torch.allclose(found, latents[1], atol=0.02)


@pytest.mark.parametrize(("name", "prediction"), pairs("v_prediction", "epsilon"))
def test_a_perfect_model_gives_the_right_distribution(
    name: SchedulerName, prediction: str, config: dict[str, Any]
) -> None:
    """Latents with mean 0.7 and deviation 0.3, predicted as velocity or as noise."""
    import torch

    source = config if prediction == "v_prediction" else EPSILON
    scheduler = build(name, source, 20)
    recorder = StepRecorder(scheduler, scales_noise=SCHEDULERS[name].scales_noise)
    scheduler.set_timesteps(20)
    generator = torch.Generator().manual_seed(0)
    known = inspect.signature(type(scheduler).step).parameters
    options = {"generator": generator} if "generator" in known else {}
    sample = torch.randn(64, 4, 4, 4, generator=generator) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        noisy = scheduler.scale_model_input(sample, timestep)
        alpha = recorder._alpha(float(timestep))
        signal, spread = math.sqrt(alpha), math.sqrt(1 - alpha)
        share = signal * 0.09 / (alpha * 0.09 + spread**2)
        clean = 0.7 + share * (noisy - signal * 0.7)
        noise = (noisy - signal * clean) / max(spread, 1e-8)
        answer = noise if prediction == "epsilon" else signal * noise - spread * clean
        sample = scheduler.step(answer, timestep, sample, **options).prev_sample
    assert abs(float(sample.mean()) - 0.7) < 0.03
    assert 0.15 < float(sample.std()) < 0.4


@pytest.mark.parametrize("name", ["ddim", "euler", "heun"])
def test_the_recorder_agrees_with_the_schedulers_own_prediction(
    name: SchedulerName, config: dict[str, Any]
) -> None:
    import torch

    scheduler = build(name, config, 5)
    recorder = StepRecorder(scheduler, scales_noise=SCHEDULERS[name].scales_noise)
    scheduler.set_timesteps(5)
    generator = torch.Generator().manual_seed(0)
    sample = torch.randn(1, 4, 8, 8, generator=generator) * scheduler.init_noise_sigma
    for timestep in scheduler.timesteps:
        answer = torch.randn(1, 4, 8, 8, generator=generator)
        result = scheduler.step(answer, timestep, sample)
        found = recorder.predict(0)
        assert found is not None
        own = result.pred_original_sample[0]
        assert torch.allclose(found, own, rtol=0.01, atol=0.01 * float(own.abs().max()))
        sample = result.prev_sample


@pytest.mark.parametrize("name", ["ddim", "tcd", "dpm++-2m", "euler", "unipc", "lms"])
def test_eta_affects_only_schedulers_with_eta(name: SchedulerName, sampler: Sampler) -> None:
    plain, noisy = (
        levels(sampler.sample(a_batch(scheduler=name, steps=3, eta=eta), Watcher())[0])
        for eta in (0.0, 1.0)
    )
    assert (plain != noisy).any() == (name in ETA_SCHEDULERS)


def test_schedulers_give_different_images(sampler: Sampler) -> None:
    names: tuple[SchedulerName, ...] = ("ddim", "dpm++-2m", "euler-a", "heun")
    images = {
        levels(sampler.sample(a_batch(scheduler=name, steps=4), Watcher())[0]).tobytes()
        for name in names
    }
    assert len(images) == len(names)


def test_the_model_runs_as_often_as_the_scheduler_needs(
    sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dpm++-2m needs one run per step; heun two, except in the last step."""
    assert sampler.model is not None
    unet = sampler.model.pipeline.unet
    counts = {}
    for name in ("dpm++-2m", "heun"):
        calls = Calls(type(unet).forward.__get__(unet))
        monkeypatch.setattr(unet, "forward", calls)
        sampler.sample(a_batch(scheduler=name, steps=4), Watcher())
        counts[name] = calls.count
    assert counts == {"dpm++-2m": 4, "heun": 7}
