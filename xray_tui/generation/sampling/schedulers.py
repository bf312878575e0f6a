"""The schedulers under xray-tui's names, built from a pipeline's own configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xray_tui.parameters import SchedulerName

_LEAST_ALPHA = 2.0**-24
"""Least signal (ᾱ) of the noisiest step; with 0 the noise level, √((1-ᾱ)/ᾱ), would be infinite."""


@dataclass(frozen=True)
class SchedulerKind:
    """A diffusers class, the options that turn it into this scheduler, and how it scales samples.

    ``scales_noise``: its latents are signal + σ·noise (Euler and relatives) instead of
    √ᾱ·signal + √(1-ᾱ)·noise.
    """

    class_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    scales_noise: bool = False


_SDE = {"algorithm_type": "sde-dpmsolver++"}
_DPM = {"algorithm_type": "dpmsolver++"}
_DEIS = {"algorithm_type": "deis"}
_KARRAS = {"use_karras_sigmas": True}
_PLAIN = {"use_karras_sigmas": False}
_UNCLIPPED = {"clip_sample": False}
"""Unlike pixels, latents are not bounded by ±1."""
_OTHER_SPACINGS_OFF = {"use_exponential_sigmas": False, "use_beta_sigmas": False}
"""At most one spacing may be on; ``options`` of the scheduler turn it on."""

SCHEDULERS: dict[SchedulerName, SchedulerKind] = {
    "dpm++-2m": SchedulerKind("DPMSolverMultistepScheduler", {**_DPM, **_PLAIN}),
    "dpm++-2m-karras": SchedulerKind("DPMSolverMultistepScheduler", {**_DPM, **_KARRAS}),
    "dpm++-2m-sde": SchedulerKind("DPMSolverMultistepScheduler", {**_SDE, **_PLAIN}),
    "dpm++-2m-sde-karras": SchedulerKind("DPMSolverMultistepScheduler", {**_SDE, **_KARRAS}),
    "dpm++-single": SchedulerKind("DPMSolverSinglestepScheduler", {**_DPM, **_PLAIN}),
    "dpm++-single-karras": SchedulerKind("DPMSolverSinglestepScheduler", {**_DPM, **_KARRAS}),
    "ddim": SchedulerKind("DDIMScheduler", _UNCLIPPED),
    "ddpm": SchedulerKind("DDPMScheduler", {**_UNCLIPPED, "variance_type": "fixed_small"}),
    "pndm": SchedulerKind("PNDMScheduler", {"skip_prk_steps": True}),
    "euler": SchedulerKind("EulerDiscreteScheduler", _PLAIN, scales_noise=True),
    "euler-karras": SchedulerKind("EulerDiscreteScheduler", _KARRAS, scales_noise=True),
    "euler-a": SchedulerKind("EulerAncestralDiscreteScheduler", scales_noise=True),
    "heun": SchedulerKind("HeunDiscreteScheduler", {**_PLAIN, **_UNCLIPPED}, scales_noise=True),
    "heun-karras": SchedulerKind(
        "HeunDiscreteScheduler", {**_KARRAS, **_UNCLIPPED}, scales_noise=True
    ),
    "dpm2": SchedulerKind("KDPM2DiscreteScheduler", _PLAIN, scales_noise=True),
    "dpm2-karras": SchedulerKind("KDPM2DiscreteScheduler", _KARRAS, scales_noise=True),
    "dpm2-a": SchedulerKind("KDPM2AncestralDiscreteScheduler", _PLAIN, scales_noise=True),
    "dpm2-a-karras": SchedulerKind("KDPM2AncestralDiscreteScheduler", _KARRAS, scales_noise=True),
    "lms": SchedulerKind("LMSDiscreteScheduler", _PLAIN, scales_noise=True),
    "lms-karras": SchedulerKind("LMSDiscreteScheduler", _KARRAS, scales_noise=True),
    "deis": SchedulerKind("DEISMultistepScheduler", {**_DEIS, **_PLAIN}),
    "deis-karras": SchedulerKind("DEISMultistepScheduler", {**_DEIS, **_KARRAS}),
    "unipc": SchedulerKind("UniPCMultistepScheduler", _PLAIN),
    "unipc-karras": SchedulerKind("UniPCMultistepScheduler", _KARRAS),
    "sa-solver": SchedulerKind(
        "SASolverScheduler", {**_PLAIN, "algorithm_type": "data_prediction"}
    ),
    "lcm": SchedulerKind("LCMScheduler", _UNCLIPPED),
    "tcd": SchedulerKind("TCDScheduler", _UNCLIPPED),
}


def build(name: SchedulerName, config: Mapping[str, Any], steps: int = 20) -> Any:
    """A fresh scheduler ``name`` with the noise schedule of ``config``.

    ``config`` is the pipeline's own scheduler configuration; ``steps`` (1 to 200) is the number of
    steps that will be sampled.

    Raises:
        KeyError: no scheduler has this name.
    """
    import diffusers

    kind = SCHEDULERS[name]
    options = {**_OTHER_SPACINGS_OFF, **kind.options}
    if name in {"lcm", "tcd"}:  # these two choose their steps from this number of steps
        options["original_inference_steps"] = max(50, steps)
    scheduler = getattr(diffusers, kind.class_name).from_config(dict(config), **options)
    scheduler.alphas_cumprod.clamp_(min=_LEAST_ALPHA)
    return scheduler
