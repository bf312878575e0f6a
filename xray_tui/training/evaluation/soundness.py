"""Sharpness of the autoencoder, blank and faulty images, and speed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL

from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.training.evaluation.groups import AREAS, HEADS
from xray_tui.training.evaluation.material import GeneratedImages, RealImages
from xray_tui.training.evaluation.network import Features
from xray_tui.training.evaluation.results import Faults, Fidelity, Speed
from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.sampling import CheckpointSampler
from xray_tui.training.stages.state import best_device
from xray_tui.training.stages.vae import psnr

LATENT = 16
"""Pixels per latent and direction: the period of a grid left by the decoder."""
_BEYOND = 1.5
"""An image is faulty if it is this many times worse than the worst real image."""


def fidelity(checkpoint: Path, validation: RealImages) -> tuple[Fidelity, ...]:
    """PSNR of each region's held-out images, encoded and decoded in single precision."""
    vae = AutoencoderKL.from_pretrained(checkpoint, subfolder="vae", torch_dtype=torch.float32)
    vae = vae.to(best_device()).eval()
    found = []
    for region in HEADS["region"]:
        chosen = validation.where([item.region == region for item in validation.items])
        if chosen.items:
            value = psnr(vae, chosen.greys)
            found.append(Fidelity(region=region, images=len(chosen.items), psnr=value))
    count = sum(entry.images for entry in found)
    mean = sum(entry.images * entry.psnr for entry in found) / max(1, count)
    return (Fidelity(region="all", images=count, psnr=mean), *found)


def faults(validation: RealImages, generated: GeneratedImages) -> Faults:
    """Count generated images that are plainer, or more patterned, than any real image of the area.

    An image that could not be generated is black, and so counts as plain.
    """
    counts = np.zeros(3, np.int64)
    for name in AREAS:
        synthetic, real = generated.of_area(name), validation.of_area(name).greys
        if not len(synthetic) or not len(real):
            continue
        plain = contrast(synthetic) < contrast(real).min() / _BEYOND
        dotted = checkerboard(synthetic) > _BEYOND * checkerboard(real).max()
        lined = grid(synthetic) > _BEYOND * grid(real).max()
        counts += [plain.sum(), dotted.sum(), lined.sum()]
    return Faults(
        images=len(generated.all()),
        plain=int(counts[0]),
        checkerboard=int(counts[1]),
        grid=int(counts[2]),
    )


def contrast(greys: Grey) -> Features:
    """Standard deviation of each of N×H×W greys, N."""
    return np.array([grey.std() for grey in greys])


def checkerboard(greys: Grey) -> Features:
    """Strength of a pixel-by-pixel alternation: mean of |a - b - c + d| over 2×2 blocks, N."""
    found = []
    for grey in greys:
        g = grey.astype(np.float64)
        blocks = g[::2, ::2] - g[::2, 1::2] - g[1::2, ::2] + g[1::2, 1::2]
        found.append(np.abs(blocks).mean())
    return np.array(found)


def grid(greys: Grey) -> Features:
    """Mean step across borders of 16×16 blocks, divided by the mean step elsewhere, N; about 1."""
    found = []
    for grey in greys:
        g = grey.astype(np.float64)
        ratios = []
        for steps in (np.abs(np.diff(g, axis=1)).mean(0), np.abs(np.diff(g, axis=0)).mean(1)):
            at_border = np.arange(1, len(steps) + 1) % LATENT == 0
            ratios.append(steps[at_border].mean() / (steps[~at_border].mean() + 1e-3))
        found.append(max(ratios))
    return np.array(found)


def speed(checkpoint: Path, library: PromptLibrary, prompt: Prompt) -> Speed:
    """Measure the seconds to load the checkpoint (with torch already imported) and per image."""
    CheckpointSampler(checkpoint, library).load()  # imports torch and caches file hashes
    sampler = CheckpointSampler(checkpoint, library)
    started = time.perf_counter()
    sampler.load()
    loaded = time.perf_counter() - started
    sampler.generate(prompt, 1, batch_size=1)
    return Speed(
        device=str(best_device()),
        threads=torch.get_num_threads(),
        load_average=os.getloadavg()[0],
        load_seconds=loaded,
        batch_1=_seconds(sampler, prompt, 1),
        batch_8=_seconds(sampler, prompt, 8) / 8,
    )


def _seconds(sampler: CheckpointSampler, prompt: Prompt, batch: int) -> float:
    """The shorter of two runs: the other may have been disturbed."""
    times = []
    for _ in range(2):
        started = time.perf_counter()
        sampler.generate(prompt, batch, batch_size=batch)
        times.append(time.perf_counter() - started)
    return min(times)
