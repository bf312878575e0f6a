"""The autoencoder's decoder once more, alone, on latents with noise.

What the denoiser draws is never quite what the encoder would make of an image, and a decoder that
saw the encoder's latents alone turns every such error into grain. So it learns to restore images
from latents with noise, while half of them stay as they are; the encoder, and with it what the
denoiser learns from, does not change.
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
from xray_tui.training.stages.state import on_gpu_in_half
from xray_tui.training.stages.vae import Batches, Restoring, restoration_loss, three_channels

PEAK_RATE = 4e-4
CLEAN = 0.5
"""Share of latents without noise."""
MOST_NOISE = 0.5
"""The noise's deviation is drawn from 0 … this; the latents' own is 1."""


class _DecoderAlone(Restoring):
    peak_rate = PEAK_RATE

    def new_optimizer(self) -> torch.optim.AdamW:
        learning = [*self.vae.decoder.parameters(), *self.vae.post_quant_conv.parameters()]
        return torch.optim.AdamW(learning, lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)

    def parts(self) -> Mapping[str, nn.Module]:
        return {"decoder": self.vae.decoder, "post_quant_conv": self.vae.post_quant_conv}

    def loss_of(self, batch: torch.Tensor) -> torch.Tensor:
        with on_gpu_in_half(batch.device):
            with torch.no_grad():
                latents = self.vae.encode(three_channels(batch)).latent_dist.mode()
            restored = self.vae.decode(with_noise(latents)).sample
        return restoration_loss(restored, batch)


def with_noise(latents: torch.Tensor) -> torch.Tensor:
    """``latents`` (N×C×H×W, deviation 1), most of them with noise of a random deviation."""
    deviation = MOST_NOISE * torch.rand(len(latents), 1, 1, 1, device=latents.device)
    noisy = torch.rand_like(deviation) >= CLEAN
    return latents + noisy * deviation * torch.randn_like(latents)


def train_decoder(
    vae: AutoencoderKL,
    images: Grey,
    weights: npt.NDArray[np.float64],
    kept_aside: Grey,
    state: Path,
    minutes: float,
) -> None:
    """Train the decoder of ``vae``, whose latents are normalised, for ``minutes`` in all."""
    train(_DecoderAlone(vae, Batches(images, weights), kept_aside[:64]), state, minutes)
    vae.eval()
