"""Retrains the autoencoder's decoder, alone, on noisy latents.

The denoiser's latents never quite match those of the encoder, and a decoder that has only seen the
encoder's latents turns every such error into grain. So the decoder learns to restore images from
latents, half of which have added noise. The encoder does not change, and neither does the training
set of the denoiser.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import nn

from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.loop import train
from xray_tui.training.stages.state import bfloat16_on_gpu
from xray_tui.training.stages.vae import AutoencoderStage, Batches, restoration_loss, three_channels

PEAK_RATE = 4e-4
CLEAN = 0.5
"""Share of latents without noise."""
MOST_NOISE = 0.5
"""Largest standard deviation of the noise; the latents have standard deviation 1."""


class _DecoderStage(AutoencoderStage):
    peak_rate = PEAK_RATE

    def new_optimizer(self) -> torch.optim.AdamW:
        learning = [*self.vae.decoder.parameters(), *self.vae.post_quant_conv.parameters()]
        return torch.optim.AdamW(learning, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)

    def parts(self) -> Mapping[str, nn.Module]:
        return {"decoder": self.vae.decoder, "post_quant_conv": self.vae.post_quant_conv}

    def loss_of(self, batch: torch.Tensor) -> torch.Tensor:
        with bfloat16_on_gpu(batch.device):
            with torch.no_grad():
                latents = self.vae.encode(three_channels(batch)).latent_dist.mode()
            restored = self.vae.decode(with_noise(latents)).sample
        return restoration_loss(restored, batch)


def with_noise(latents: torch.Tensor) -> torch.Tensor:
    """``latents`` (N×C×H×W, deviation 1), about half of them with noise of random deviation."""
    deviation = MOST_NOISE * torch.rand(len(latents), 1, 1, 1, device=latents.device)
    noisy = torch.rand_like(deviation) >= CLEAN
    return latents + noisy * deviation * torch.randn_like(latents)


def train_decoder(
    vae: AutoencoderKL,
    images: Grey,
    weights: npt.NDArray[np.float64],
    held_out: Grey,
    state: Path,
    minutes: float,
) -> None:
    """Train the decoder of ``vae``, whose latents are normalised, for ``minutes`` in total."""
    train(_DecoderStage(vae, Batches(images, weights), held_out[:64]), state, minutes)
    vae.eval()
