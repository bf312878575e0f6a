"""The sampler: loads a model and turns batches of tasks into images, without dataset or UI."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PIL import Image

from xray_tui.errors import GenerationError
from xray_tui.generation.sampling.devices import resolve_device, resolve_dtype
from xray_tui.generation.sampling.embeddings import Embeddings
from xray_tui.generation.sampling.loading import LoadedModel, ReportLoading, load
from xray_tui.generation.sampling.memory import Measure, release_memory, saving_measures
from xray_tui.generation.sampling.preview import Previewer, StepRecorder
from xray_tui.generation.sampling.schedulers import SCHEDULERS, build
from xray_tui.generation.sampling.watcher import Watcher
from xray_tui.models.catalogue import ModelInfo, fingerprint
from xray_tui.tasks import Task

if TYPE_CHECKING:
    import torch

_DECODE_PIXELS = 1024 * 1024
"""Pixels the VAE decodes at once: 16 images of 256×256, or 4 of 512×512."""
_LEAST_SPREAD = 2
"""An image with fewer grey levels between its darkest and lightest pixel is empty."""


@dataclass(frozen=True)
class Outcome:
    """One task's image (mode L), or the reason why there is none."""

    image: Image.Image | None
    problem: str = ""


class Sampler:
    """Holds one model and samples batches with it. Use it from one thread."""

    def __init__(self) -> None:
        self._model: LoadedModel | None = None
        self._embeddings: Embeddings | None = None
        self._previewer: Previewer | None = None
        self._config: dict[str, Any] = {}
        self._measures: list[Measure] = []

    @property
    def model(self) -> LoadedModel | None:
        """The model in memory, or None."""
        return self._model

    def load(self, info: ModelInfo, device: str, dtype: str, report: ReportLoading) -> LoadedModel:
        """Load ``info``, unless that model is already in memory on this device in this dtype.

        Raises:
            ModelError: the model cannot be loaded; afterwards no model is in memory.
        """
        if self._model is not None and _same(self._model, info, device, dtype):
            return self._model
        self.unload()
        model = load(info, device, dtype, report)
        folder = info.path.parent if info.kind == "file" else info.path
        self._previewer = Previewer(model.pipeline, folder)
        self._embeddings = Embeddings(model.pipeline, model.device)
        self._config = dict(model.pipeline.scheduler.config)
        self._measures = saving_measures(model.pipeline, model.device)
        self._model = model
        return model

    def save_memory(self) -> str | None:
        """Trade speed for memory until another model is loaded; each call applies one more measure.

        Returns the name of the measure, or None when none is left to try.
        """
        if not self._measures:
            return None
        name, apply = self._measures.pop(0)
        apply()
        return name

    def forget_texts(self) -> None:
        """Encode every text again: another number of threads can encode it a little differently."""
        if self._model is not None:
            self._embeddings = Embeddings(self._model.pipeline, self._model.device)

    def unload(self) -> None:
        """Drop the model and release its memory."""
        self._model = self._embeddings = self._previewer = None
        release_memory()

    def sample(self, tasks: Sequence[Task], watcher: Watcher) -> list[Outcome]:
        """Generate one image for each task. All tasks share every parameter except seed and texts.

        Each image starts from noise of its own CPU generator with the task's seed. The outcomes are
        in the order of ``tasks``.

        Raises:
            Interrupted: the watcher asked to stop.
            GenerationError: no model is loaded.
        """
        import torch

        if self._model is None or self._previewer is None:
            raise GenerationError("no model is loaded")
        self._previewer.start()
        with torch.inference_mode():
            latents = self._denoise(self._model, tasks, watcher)
            return self._decode(self._model, latents, watcher)

    def _denoise(self, model: LoadedModel, tasks: Sequence[Task], watcher: Watcher) -> torch.Tensor:
        import torch

        parameters = tasks[0].parameters
        kind = SCHEDULERS[parameters.scheduler]
        scheduler = build(parameters.scheduler, self._config, parameters.steps)
        recorder = StepRecorder(scheduler, scales_noise=kind.scales_noise)
        guided = parameters.guidance_scale > 1
        pipeline = model.pipeline
        pipeline.scheduler = scheduler
        result = pipeline(
            prompt_embeds=self._embed([task.text for task in tasks], watcher),
            negative_prompt_embeds=(
                self._embed([task.negative_prompt for task in tasks], watcher) if guided else None
            ),
            num_inference_steps=parameters.steps,
            guidance_scale=parameters.guidance_scale,
            width=parameters.width,
            height=parameters.height,
            eta=parameters.eta,
            generator=[torch.Generator("cpu").manual_seed(task.seed) for task in tasks],
            output_type="latent",
            callback_on_step_end=_StepCallback(
                self._previewer, recorder, watcher, parameters.steps
            ),
        )
        latents: torch.Tensor = result.images
        return latents

    def _embed(self, texts: list[str], watcher: Watcher) -> torch.Tensor:
        assert self._embeddings is not None
        return self._embeddings.of(texts, watcher.warn)

    def _decode(self, model: LoadedModel, latents: torch.Tensor, watcher: Watcher) -> list[Outcome]:
        import torch

        vae = model.pipeline.vae
        factor = model.info.checkpoint.latent_factor
        pixels = latents.shape[-1] * latents.shape[-2] * factor * factor
        outcomes: list[Outcome] = []
        for part in torch.split(latents, max(1, _DECODE_PIXELS // pixels)):
            watcher.checkpoint()
            outcomes.extend(_to_outcomes(_decoded(vae, part)))
        for index, outcome in enumerate(outcomes):
            if outcome.image is None:  # half precision overflows in some autoencoders
                watcher.checkpoint()
                outcomes[index] = _decoded_again(vae, latents[index : index + 1])
        return outcomes


class _StepCallback:
    """diffusers' ``callback_on_step_end``: reports progress and previews, may stop the batch."""

    def __init__(
        self, previewer: Previewer | None, recorder: StepRecorder, watcher: Watcher, steps: int
    ) -> None:
        self._previewer = previewer
        self._recorder = recorder
        self._watcher = watcher
        self._steps = steps
        self._done = 0
        self._since = time.perf_counter()

    def __call__(
        self, pipeline: Any, index: int, timestep: Any, tensors: dict[str, Any]
    ) -> dict[str, Any]:
        # some schedulers call the model twice for one step
        done = (index + 1) * self._steps // pipeline.num_timesteps
        if done > self._done:
            now = time.perf_counter()
            self._watcher.step(done, self._steps, now - self._since)
            self._done, self._since = done, now
            self._preview(done)
        waited = time.perf_counter()
        self._watcher.checkpoint()
        self._since += time.perf_counter() - waited  # a pause is not part of the step
        return tensors

    def _preview(self, step: int) -> None:
        if self._previewer is None or not self._previewer.due():
            return
        latents = self._recorder.predict(0)
        if latents is not None:
            self._watcher.preview(step, self._steps, self._previewer.make(latents))


def _decoded(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    images: torch.Tensor = vae.decode(latents / vae.config.scaling_factor, return_dict=False)[0]
    return images


def _decoded_again(vae: Any, latents: torch.Tensor) -> Outcome:
    """Decode one image again, with the autoencoder in float32."""
    import torch

    before = vae.dtype
    try:
        vae.to(torch.float32)
        return _to_outcomes(_decoded(vae, latents.float()))[0]
    finally:
        vae.to(before)


def _same(model: LoadedModel, info: ModelInfo, device: str, dtype: str) -> bool:
    """Whether loading ``info`` for this device and dtype would give ``model`` again."""
    wanted_device = resolve_device(device)
    return (
        model.info == info
        and model.device == wanted_device
        and model.dtype == resolve_dtype(dtype, wanted_device)
        and model.fingerprint == fingerprint(info)
    )


def _to_outcomes(images: torch.Tensor) -> list[Outcome]:
    """Decoded images (count, channels, height, width) in -1…1 as 8-bit greyscale."""
    import torch

    grey = images.float().mean(dim=1)
    finite = torch.isfinite(grey).flatten(1).all(dim=1).tolist()
    levels = ((grey / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).cpu().numpy()
    return [_outcome(pixels, ok) for pixels, ok in zip(levels, finite, strict=True)]


def _outcome(pixels: Any, finite: bool) -> Outcome:
    if not finite:
        return Outcome(None, "the image contains NaN; try dtype float32 or another guidance scale")
    if int(pixels.max()) - int(pixels.min()) < _LEAST_SPREAD:
        return Outcome(None, "the image is a single uniform grey; try other parameters")
    return Outcome(Image.fromarray(pixels))
