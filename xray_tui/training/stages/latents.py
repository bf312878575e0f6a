"""Latents of all images, computed once, each channel with mean 0 and deviation 1.

On a GPU, where the denoiser sees each image hundreds of times, slightly rotated, scaled and shifted
variants of each image are encoded as well.

The pipeline has only one scaling factor for all channels, so the mean and deviation of each channel
are folded into the autoencoder's 1×1 convolutions on either side of the latents.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch.nn.functional import affine_grid, grid_sample

from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.vae import to_tensor

GPU_VARIANTS = 3
"""Variants of each image: the first unchanged, the others rotated, scaled and shifted."""
TURN, SCALE, SHIFT = math.radians(2.5), 0.03, 0.03
"""Largest rotation (radians), scaling, and shift (as a share of half the image's side)."""
AT_ONCE = 32
"""Images encoded at once."""
_ALL_BUT_CHANNELS = (0, 1, 3, 4)


@torch.no_grad()
def encode_all(vae: AutoencoderKL, greys: Grey, variants: int = 1) -> npt.NDArray[np.float32]:
    """The means of the latents, N×V×C×16×16; the first variant is the unchanged image."""
    device = next(vae.parameters()).device
    random = torch.Generator().manual_seed(0)
    parts = []
    for start in range(0, len(greys), AT_ONCE):
        batch = to_tensor(greys[start : start + AT_ONCE]).to(device)
        versions = [batch, *(moved(batch, random) for _ in range(variants - 1))]
        latents = [
            vae.encode(version.expand(-1, 3, -1, -1)).latent_dist.mode() for version in versions
        ]
        parts.append(torch.stack(latents, dim=1).float().cpu().numpy())
    return np.concatenate(parts)


def moved(batch: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """The images of ``batch`` (N×1×H×W), slightly rotated, scaled and shifted.

    Edge pixels are repeated.
    """
    turn, scale, right, down = (2 * torch.rand(4, len(batch), generator=random) - 1).unbind()
    size = 1 + SCALE * scale
    cosine, sine = size * torch.cos(TURN * turn), size * torch.sin(TURN * turn)
    rows = torch.stack([cosine, -sine, SHIFT * right, sine, cosine, SHIFT * down], dim=1)
    grid = affine_grid(rows.view(-1, 2, 3), list(batch.shape), align_corners=False)
    return grid_sample(
        batch, grid.to(batch.device), "bicubic", padding_mode="border", align_corners=False
    ).clamp(-1, 1)


@torch.no_grad()
def fold_normalisation(vae: AutoencoderKL, latents: npt.NDArray[np.float32]) -> None:
    """Change ``vae`` so that its latents have mean 0 and deviation 1.

    ``latents`` (N×V×C×16×16) were encoded by ``vae``; their means and deviations are used.
    """
    device = next(vae.parameters()).device
    mean = torch.from_numpy(latents.mean(_ALL_BUT_CHANNELS)).to(device)
    deviation = torch.from_numpy(latents.std(_ALL_BUT_CHANNELS)).to(device)
    channels = len(mean)
    into, out_of = vae.quant_conv, vae.post_quant_conv
    into.weight[:channels] /= deviation[:, None, None, None]
    into.bias[:channels] = (into.bias[:channels] - mean) / deviation
    into.bias[channels:] -= 2 * torch.log(deviation)  # the log-variance scales too
    out_of.bias += (out_of.weight[:, :, 0, 0] * mean).sum(1)
    out_of.weight *= deviation[None, :, None, None]
    vae.register_to_config(scaling_factor=1.0)


def normalised(latents: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each channel of N×V×C×16×16 latents with mean 0 and deviation 1."""
    centred = latents - latents.mean(_ALL_BUT_CHANNELS, keepdims=True)
    scaled: npt.NDArray[np.float32] = centred / latents.std(_ALL_BUT_CHANNELS, keepdims=True)
    return scaled
