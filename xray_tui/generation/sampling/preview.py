"""Small pictures of a batch in progress: the predicted clean image, not the noisy latents."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_tui.errors import ModelError
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.models.headers import read_json
from xray_tui.text import clean

if TYPE_CHECKING:
    import torch

MIN_INTERVAL = 0.25
"""Seconds between two previews."""
MAX_SHARE = 0.05
"""Largest share of the time spent that previews may take."""

_SD_FACTORS = (0.3007, 0.3489, 0.0564, -0.4051)
"""Grey of a Stable Diffusion 1 or 2 latent (mean of the usual latent-to-RGB factors), -1…1."""
_VAE_SIDE = 24
"""Latents on the longest side of a preview that the VAE decodes."""


@dataclass(frozen=True)
class LinearMap:
    """Latents to grey (-1…1): each latent becomes ``upscale`` × ``upscale`` pixels.

    ``weight`` has shape (channels, upscale²), ``bias`` shape (upscale²,).
    """

    upscale: int
    weight: torch.Tensor
    bias: torch.Tensor

    def apply(self, latents: torch.Tensor) -> torch.Tensor:
        """Map float32 latents (channels, height, width) to grey (height·r, width·r)."""
        _, height, width = latents.shape
        rate = self.upscale
        cells = latents.permute(1, 2, 0) @ self.weight + self.bias
        tiles = cells.reshape(height, width, rate, rate).permute(0, 2, 1, 3)
        return tiles.reshape(height * rate, width * rate)


def find_map(folder: Path, channels: int, scaling_factor: float) -> LinearMap | None:
    """The map in the model folder's ``preview.json``, or the known map for Stable Diffusion 1 or 2.

    None for other models, whose previews the VAE decodes.

    Raises:
        ModelError: preview.json does not fit the model.
    """
    import torch

    file = folder / "preview.json"
    if file.is_file():
        return _read_map(file, channels)
    if channels == 4 and abs(scaling_factor - 0.18215) < 1e-3:
        weight = torch.tensor(_SD_FACTORS).reshape(4, 1)
        return LinearMap(1, weight, torch.zeros(1))
    return None


def _read_map(file: Path, channels: int) -> LinearMap:
    import torch

    values = read_json(file)
    try:
        rate = int(values["upscale"])
        weight = torch.tensor(values["weight"], dtype=torch.float32).reshape(channels, rate * rate)
        bias = torch.tensor(values["bias"], dtype=torch.float32).reshape(rate * rate)
        usable = values["format"] == 1 and 1 <= rate <= 16
        finite = bool(weight.isfinite().all() and bias.isfinite().all())
    except (KeyError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ModelError(f"{clean(file)}: does not match this model; delete it") from error
    if not usable or not finite:
        raise ModelError(f"{clean(file)}: unknown format; delete it")
    return LinearMap(rate, weight, bias)


class Previewer:
    """Draws previews with one loaded model: at most 4 a second, and in 5 % of the sampling time."""

    def __init__(self, pipeline: Any, folder: Path) -> None:
        self._vae = pipeline.vae
        config = pipeline.vae.config
        self._scale = float(config.scaling_factor)
        self._map = find_map(folder, int(config.latent_channels), self._scale)
        self._started = self._last = 0.0
        self._spent = self._cost = 0.0

    def start(self) -> None:
        """Begin a batch; the time spent on previews of earlier batches no longer counts."""
        self._started = time.perf_counter()
        self._last = self._spent = 0.0

    def due(self) -> bool:
        """True if enough time has passed for another preview of the usual cost."""
        now = time.perf_counter()
        if now - self._last < MIN_INTERVAL:
            return False
        return self._spent + self._cost <= MAX_SHARE * (now - self._started)

    def make(self, clean: torch.Tensor) -> Picture:
        """Turn predicted clean latents (channels, height, width) into a picture."""
        begin = time.perf_counter()
        picture = self._picture(clean)
        self._last = time.perf_counter()
        self._cost = self._last - begin
        self._spent += self._cost
        return picture

    def _picture(self, clean: torch.Tensor) -> Picture:
        import torch

        with torch.inference_mode():
            if self._map is not None:
                grey = self._map.apply(clean.float().cpu())
            else:
                grey = self._decode(clean)
            levels = (grey.nan_to_num() * 127.5 + 127.5).clamp(0, 255).round().to(torch.uint8)
            height, width = levels.shape
            return Picture(width, height, levels.cpu().numpy().tobytes())

    def _decode(self, clean: torch.Tensor) -> torch.Tensor:
        from torch.nn.functional import interpolate

        small = clean[None]
        side = max(small.shape[-2:])
        if side > _VAE_SIDE:
            small = interpolate(small, scale_factor=_VAE_SIDE / side, mode="area")
        image = self._vae.decode(small / self._scale, return_dict=False)[0]
        grey: torch.Tensor = image[0].float().mean(0)
        return grey


class StepRecorder:
    """Remembers the input of a scheduler's last step, to predict the clean latents from it.

    Works with every scheduler: it needs only the timestep, the sample and the model's prediction.
    """

    def __init__(self, scheduler: Any, *, scales_noise: bool) -> None:
        self._alphas = scheduler.alphas_cumprod
        self._prediction = str(scheduler.config.prediction_type)
        self._scales_noise = scales_noise
        self._last: tuple[Any, Any, Any] | None = None
        _record_steps(scheduler, self)

    def record(self, output: torch.Tensor, timestep: Any, sample: torch.Tensor) -> None:
        """Keep the input of one step (references, no copies)."""
        self._last = (output, timestep, sample)

    def predict(self, index: int) -> torch.Tensor | None:
        """The clean latents predicted by the last step for image ``index``; None before a step."""
        if self._last is None:
            return None
        output, timestep, sample = self._last
        alpha = self._alpha(float(timestep))
        signal, noise = math.sqrt(alpha), math.sqrt(1 - alpha)
        noisy: torch.Tensor = sample[index].float() * (signal if self._scales_noise else 1.0)
        predicted: torch.Tensor = output[index].float()
        if self._prediction == "sample":
            return predicted
        if self._prediction == "v_prediction":
            return signal * noisy - noise * predicted
        return (noisy - noise * predicted) / max(signal, 1e-3)

    def _alpha(self, timestep: float) -> float:
        """ᾱ at a timestep; some schedulers use timesteps between two whole numbers."""
        last = len(self._alphas) - 1
        low = min(max(int(timestep), 0), last)
        high = min(low + 1, last)
        part = min(max(timestep - low, 0.0), 1.0)
        return float(self._alphas[low]) * (1 - part) + float(self._alphas[high]) * part


def _record_steps(scheduler: Any, recorder: StepRecorder) -> None:
    """Make this scheduler's ``step`` pass its input to ``recorder`` before it runs."""
    import functools

    original = scheduler.step

    @functools.wraps(original)  # diffusers reads the signature to know which options to pass
    def step(model_output: Any, timestep: Any, sample: Any, *args: Any, **options: Any) -> Any:
        recorder.record(model_output, timestep, sample)
        return original(model_output, timestep, sample, *args, **options)

    scheduler.step = step
