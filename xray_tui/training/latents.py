"""Latents of all images, computed once, each channel with mean 0 and deviation 1.

The pipeline knows one scaling factor for all channels, so the channels' own means and deviations
are folded into the autoencoder's 1×1 convolutions on either side of the latents.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL

from xray_tui.training.limbs import Grey
from xray_tui.training.vae import to_tensor


@torch.no_grad()
def encode_all(vae: AutoencoderKL, greys: Grey) -> npt.NDArray[np.float32]:
    """The latents' means, N×C×16×16."""
    device = next(vae.parameters()).device
    parts = []
    for start in range(0, len(greys), 32):
        batch = to_tensor(greys[start : start + 32]).to(device).expand(-1, 3, -1, -1)
        parts.append(vae.encode(batch).latent_dist.mode().cpu().numpy())
    return np.concatenate(parts)


@torch.no_grad()
def fold_normalisation(vae: AutoencoderKL, latents: npt.NDArray[np.float32]) -> None:
    """Change ``vae`` so that it gives and takes latents normalised by these latents' statistics."""
    mean = torch.from_numpy(latents.mean((0, 2, 3)))
    deviation = torch.from_numpy(latents.std((0, 2, 3)))
    channels = len(mean)
    into, out_of = vae.quant_conv, vae.post_quant_conv
    into.weight[:channels] /= deviation[:, None, None, None]
    into.bias[:channels] = (into.bias[:channels] - mean) / deviation
    into.bias[channels:] -= 2 * torch.log(deviation)  # the log-variance scales along
    out_of.bias += (out_of.weight[:, :, 0, 0] * mean).sum(1)
    out_of.weight *= deviation[None, :, None, None]
    vae.register_to_config(scaling_factor=1.0)
