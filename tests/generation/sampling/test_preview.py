"""Previews: correct greys with any map or without one, and only a limited share of the time."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.advice import advised

from xray_tui.errors import ModelError
from xray_tui.generation.sampling import preview
from xray_tui.generation.sampling.preview import LinearMap, Previewer, find_map
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.models.catalogue import bundled_path


def by_numpy(latents: np.ndarray, rate: int, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The map by its definition, one pixel at a time."""
    _, height, width = latents.shape
    grey = np.empty((height * rate, width * rate))
    for y in range(height * rate):
        for x in range(width * rate):
            place = (y % rate) * rate + x % rate
            grey[y, x] = latents[:, y // rate, x // rate] @ weight[:, place] + bias[place]
    return grey


@settings(max_examples=25)
@given(
    st.integers(1, 16), st.integers(1, 5), st.integers(1, 6), st.integers(1, 4), st.integers(0, 99)
)
def test_the_map_agrees_with_numpy(
    channels: int, height: int, width: int, rate: int, seed: int
) -> None:
    import torch

    draw = np.random.default_rng(seed)
    latents, weight, bias = (
        draw.normal(size=shape).astype(np.float32)
        for shape in ((channels, height, width), (channels, rate * rate), (rate * rate,))
    )
    linear_map = LinearMap(rate, torch.from_numpy(weight), torch.from_numpy(bias))
    grey = linear_map.apply(torch.from_numpy(latents)).numpy()
    assert np.allclose(grey, by_numpy(latents, rate, weight, bias), atol=1e-5)


def test_a_preview_of_the_bundled_model_agrees_with_numpy(sampler: Sampler) -> None:
    import torch

    assert sampler.model is not None
    file = json.loads((bundled_path() / "preview.json").read_text())
    channels, rate = len(file["weight"]), file["upscale"]
    latents = np.random.default_rng(1).normal(size=(channels, 3, 5)).astype(np.float32)
    latents[:, 0, 0] = 100  # beyond the range that can be shown
    latents[:, 2, 4] = -100
    picture = Previewer(sampler.model.pipeline, bundled_path()).make(torch.from_numpy(latents))
    grey = by_numpy(latents, rate, np.array(file["weight"]), np.array(file["bias"]))
    expected = np.clip(grey * 127.5 + 127.5, 0, 255).round()
    assert (picture.width, picture.height) == (5 * rate, 3 * rate)
    found = np.frombuffer(picture.pixels, np.uint8).reshape(3 * rate, 5 * rate)
    assert np.abs(found - expected).max() <= 1
    assert {found.min(), found.max()} == {0, 255}


def test_nan_in_latents_still_gives_a_picture(sampler: Sampler) -> None:
    import torch

    assert sampler.model is not None
    previewer = Previewer(sampler.model.pipeline, bundled_path())
    channels = sampler.model.pipeline.vae.config.latent_channels
    picture = previewer.make(torch.full((channels, 2, 2), math.nan))
    assert len(picture.pixels) == picture.width * picture.height > 0


GOOD: dict[str, Any] = {"format": 1, "upscale": 1, "weight": [[0.5], [0.25]], "bias": [0]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\ud800",
        *(
            json.dumps(GOOD | change)
            for change in (
                {"format": 2},
                {"format": "1"},
                {"upscale": 0},
                {"upscale": -1},
                {"upscale": 2},
                {"upscale": 1000},
                {"upscale": 10**30},
                {"upscale": math.inf},
                {"upscale": math.nan},
                {"upscale": None},
                {"upscale": "one"},
                {"weight": []},
                {"weight": [[0.5]]},
                {"weight": [[0.5], [0.25, 0.1]]},
                {"weight": [[0.5], ["x"]]},
                {"weight": [[0.5], [math.nan]]},
                {"weight": [[0.5], [10**400]]},
                {"weight": None},
                {"weight": {"a": 1}},
                {"bias": [math.inf]},
                {"bias": [0, 0]},
                {"bias": 10**400},
                {"bias": None},
            )
        ),
    ],
    ids=lambda text: ascii(text)[1:60],
)
def test_a_broken_map_is_a_model_error(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "\x1b[31mmodel"
    folder.mkdir()
    (folder / "preview.json").write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ModelError, match=r"preview\.json: ") as error:
        find_map(folder, 2, 1.0)
    assert str(error.value).isprintable()
    advice = "delete it" if _is_object(text) else "copy or download the model again"
    assert str(error.value).endswith(f"; {advice}")
    (folder / "preview.json").unlink()
    assert find_map(folder, 2, 1.0) is None  # the VAE decodes the previews then


def _is_object(text: str) -> bool:
    """Whether ``text`` is a JSON object, in a file that can be encoded."""
    try:
        return text.isascii() and isinstance(json.loads(text), dict)
    except ValueError:
        return False


def test_the_map_that_the_broken_maps_are_derived_from_is_valid(tmp_path: Path) -> None:
    (tmp_path / "preview.json").write_text(json.dumps(GOOD))
    found = find_map(tmp_path, 2, 1.0)
    assert found is not None
    assert found.weight.tolist() == [[0.5], [0.25]]


def test_a_map_of_another_model_is_a_model_error(sampler: Sampler, tmp_path: Path) -> None:
    assert sampler.model is not None
    (tmp_path / "preview.json").write_text(json.dumps(GOOD))  # for two channels
    with pytest.raises(ModelError) as error:
        Previewer(sampler.model.pipeline, tmp_path)
    advised("does not match this model; delete it", str(error.value))
    (tmp_path / "preview.json").write_text(json.dumps(GOOD | {"format": 2}))
    with pytest.raises(ModelError) as error:
        find_map(tmp_path, 2, 1.0)
    advised("unknown format; delete it", str(error.value))
    (tmp_path / "preview.json").unlink()
    Previewer(sampler.model.pipeline, tmp_path)


def test_stable_diffusion_has_a_built_in_map(tmp_path: Path) -> None:
    found = find_map(tmp_path, 4, 0.18215)
    assert found is not None
    assert (found.upscale, found.weight.shape) == (1, (4, 1))
    assert find_map(tmp_path, 4, 0.5) is None
    assert find_map(tmp_path, 16, 0.18215) is None


@pytest.mark.parametrize(("height", "width", "most"), [(4, 4, 24), (30, 60, 24)])
def test_without_a_map_the_vae_decodes_a_small_picture(
    height: int, width: int, most: int, sampler: Sampler, tmp_path: Path
) -> None:
    import torch

    assert sampler.model is not None
    pipeline, info = sampler.model.pipeline, sampler.model.info
    previewer = Previewer(pipeline, tmp_path)
    channels = pipeline.vae.config.latent_channels
    latents = torch.randn(channels, height, width, generator=torch.Generator().manual_seed(0))
    picture = previewer.make(latents)
    side = max(picture.width, picture.height)
    assert side == min(most, max(height, width)) * info.checkpoint.latent_factor
    assert picture.width * height == picture.height * width
    assert len(set(picture.pixels)) > 2
    if max(height, width) <= most:
        with torch.inference_mode():
            image = pipeline.vae.decode(latents[None] / pipeline.vae.config.scaling_factor)[0]
        grey = image[0].mean(0).numpy() * 127.5 + 127.5
        found = np.frombuffer(picture.pixels, np.uint8).reshape(grey.shape)
        assert np.abs(found - grey.clip(0, 255)).max() <= 1


# ---- how often -----------------------------------------------------------------------------------


class Clock:
    """Replaces the time module; ``now`` is set by the tests."""

    now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(preview, "time", clock)
    return clock


@pytest.fixture
def previewer(sampler: Sampler) -> Previewer:
    assert sampler.model is not None
    return Previewer(sampler.model.pipeline, bundled_path())


def spend(
    clock: Clock, previewer: Previewer, seconds: float, cost: float, step: float
) -> list[float]:
    """Sample for ``seconds`` in steps of ``step``; returns the times of the previews."""
    import torch

    picture = previewer._picture

    def costly(clean: torch.Tensor) -> Picture:
        clock.now += cost
        return picture(clean)

    previewer._picture = costly  # type: ignore[method-assign]
    channels = previewer._vae.config.latent_channels
    previewer.start()
    begin, times = clock.now, []
    while clock.now < begin + seconds:
        clock.now += step
        if previewer.due():
            times.append(clock.now)
            previewer.make(torch.zeros(channels, 2, 2))
    return times


def test_cheap_previews_come_four_times_a_second(clock: Clock, previewer: Previewer) -> None:
    times = spend(clock, previewer, 10, cost=0.001, step=0.01)
    assert 36 <= len(times) <= 40
    assert np.diff(times).min() >= preview.MIN_INTERVAL


@pytest.mark.parametrize("cost", [0.1, 0.5, 2.0])
def test_costly_previews_take_a_small_share_of_the_time(
    clock: Clock, previewer: Previewer, cost: float
) -> None:
    times = spend(clock, previewer, 200, cost=cost, step=0.05)
    assert len(times) * cost <= preview.MAX_SHARE * 200 + cost  # the cost of the first is unknown
    assert len(times) >= 0.8 * preview.MAX_SHARE * 200 / cost  # but the whole share is used


def test_previews_of_earlier_batches_do_not_count(clock: Clock, previewer: Previewer) -> None:
    spend(clock, previewer, 1, cost=0.8, step=0.1)
    previewer.start()
    clock.now += 0.5
    assert not previewer.due()  # the cost is known now, and too high for this little time
    clock.now += 16
    assert previewer.due()
