"""Writes saved states from a finished checkpoint, so that its training can continue."""

from __future__ import annotations

from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline

from xray_tui.training.errors import TrainingError
from xray_tui.training.stages.denoiser import Denoiser, new_optimizer
from xray_tui.training.stages.state import save_state
from xray_tui.training.stages.vae import build_vae
from xray_tui.training.stages.vae import new_optimizer as new_vae_optimizer


def begin_from(checkpoint: Path, work: Path) -> None:
    """Write the states of all stages into ``work``, with the weights of ``checkpoint``.

    Does nothing if ``work`` already has a denoiser's state. The optimizers' memory and the step
    counts start from zero, as a checkpoint holds neither. Except for the number of latent channels,
    ``checkpoint`` must have the layer sizes that are trained here.

    Raises:
        TrainingError: ``checkpoint`` is not the folder of a diffusers checkpoint.
    """
    if (work / "denoiser.pt").exists():
        return
    if not (checkpoint / "model_index.json").is_file():
        raise TrainingError(f"{checkpoint} is not a checkpoint: it has no model_index.json")
    pipeline = StableDiffusionPipeline.from_pretrained(checkpoint, torch_dtype=torch.float32)
    pipeline.tokenizer.save_pretrained(work / "tokenizer")
    channels = pipeline.vae.config.latent_channels
    vae = build_vae(channels)
    vae.load_state_dict(pipeline.vae.state_dict())
    save_state(
        work / "vae.pt",
        vae=vae.state_dict(),
        optimizer=new_vae_optimizer(vae).state_dict(),
        seconds=0.0,
        step=0,
    )
    denoiser = Denoiser(pipeline.tokenizer, channels)
    denoiser.unet.load_state_dict(pipeline.unet.state_dict())
    denoiser.text_encoder.load_state_dict(pipeline.text_encoder.state_dict())
    save_state(
        work / "denoiser.pt",
        model=denoiser.state_dict(),
        average=denoiser.state_dict(),
        optimizer=new_optimizer(denoiser).state_dict(),
        seconds=0.0,
        step=0,
    )
