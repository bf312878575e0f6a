"""Writes the trained parts as a StableDiffusionPipeline folder in half precision."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, StableDiffusionPipeline
from transformers import CLIPTokenizer

from xray_tui.training.stages.denoiser import Denoiser
from xray_tui.training.stages.preview_map import write_preview
from xray_tui.training.stages.schedule import training_betas


def build_scheduler() -> DPMSolverMultistepScheduler:
    """DPM-Solver++ 2M SDE on Karras steps, with the training's own noise schedule.

    Its steps become smaller as the noise decreases. With evenly spaced steps, the last of 14 goes
    from noise of 0.28 of the latents' deviation straight to the image, and finer detail is lost.
    """
    return DPMSolverMultistepScheduler(
        trained_betas=[round(float(beta), 9) for beta in training_betas()],
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        steps_offset=1,
        algorithm_type="sde-dpmsolver++",
        use_karras_sigmas=True,
        solver_order=2,
        lower_order_final=True,
    )


def export(
    target: Path,
    vae: AutoencoderKL,
    denoiser: Denoiser,
    tokenizer: CLIPTokenizer,
    preview: dict[str, object],
) -> None:
    """Write the checkpoint to ``target``; an old one is replaced only by a complete checkpoint."""
    pipeline = StableDiffusionPipeline(
        vae=vae,
        text_encoder=denoiser.text_encoder,
        tokenizer=tokenizer,
        unet=denoiser.unet,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    pipeline.to(torch.float16).save_pretrained(fresh, safe_serialization=True)
    write_preview(fresh, preview)
    for file in fresh.rglob("*"):
        file.chmod(
            0o755 if file.is_dir() else 0o644
        )  # save_pretrained gives access to the owner only
    pipeline.to(torch.float32)
    for kept in ("README.md", "loss.png"):
        if (target / kept).exists():
            shutil.copy(target / kept, fresh / kept)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
