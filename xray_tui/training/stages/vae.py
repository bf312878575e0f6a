"""The autoencoder: 256×256 greys to 24×16×16 latents and back.

Trained on random 128×128 crops, every fifth step on whole images. Loss: L1, each image's root mean
square error (its gradient is that of the mean PSNR), and a weak pull of the latents to a normal
distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from torch import nn

from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.loop import train
from xray_tui.training.stages.state import best_device, bfloat16_on_gpu

LATENT_CHANNELS = 24
"""On held-out images, the best 16 linear components of a 16×16 patch reach 33.6 dB and 24 reach
35.5; the network stays about two dB below."""
CROP = 128
PEAK_RATE = 8e-4
CROPS, WHOLE = 8, 3
"""Images in a batch of crops, and in a batch of whole images."""
GPU_TIMES = 12
"""On a GPU, batches are this many times larger."""
KL_WEIGHT = 3e-4
_LEAST_SQUARE = 1e-4
"""Keeps the gradient of the root finite; corresponds to 46 dB."""


def build_vae(latent_channels: int = LATENT_CHANNELS) -> AutoencoderKL:
    """An untrained autoencoder: five levels, no attention, 2.1 M parameters."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=["DownEncoderBlock2D"] * 5,
        up_block_types=["UpDecoderBlock2D"] * 5,
        block_out_channels=[8, 24, 48, 96, 96],
        layers_per_block=1,
        latent_channels=latent_channels,
        norm_num_groups=4,
        mid_block_add_attention=False,
        sample_size=256,
    )


def new_optimizer(vae: AutoencoderKL) -> torch.optim.AdamW:
    """The optimizer before the first step."""
    return torch.optim.AdamW(vae.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)


class Batches:
    """Random batches of ``images`` (N×256×256 greys), drawn by ``weights`` (N, sum 1)."""

    def __init__(self, images: Grey, weights: npt.NDArray[np.float64]) -> None:
        self._device = best_device()
        self._images = torch.from_numpy(images).to(self._device)
        self._weights = torch.from_numpy(weights).to(self._device)
        self._times = GPU_TIMES if self._device.type == "cuda" else 1

    def draw(self, step: int) -> torch.Tensor:
        """N×1×H×W in −1…1: crops, but whole images on every fifth step."""
        whole = step % 5 == 4
        count = self._times * (WHOLE if whole else CROPS)
        chosen = torch.multinomial(self._weights, count, replacement=True)
        batch = self._images[chosen][:, None]
        if not whole:
            corners = torch.randint(0, batch.shape[-1] - CROP + 1, (count, 2)).tolist()
            crops = zip(batch, corners, strict=True)
            batch = torch.stack([part[:, y : y + CROP, x : x + CROP] for part, (y, x) in crops])
        return batch.float() / 127.5 - 1


class AutoencoderStage:
    """Trains the whole autoencoder: a :class:`~xray_tui.training.stages.loop.Stage`."""

    peak_rate = PEAK_RATE

    def __init__(self, vae: AutoencoderKL, batches: Batches, held_out: Grey) -> None:
        self.vae = vae
        self._batches = batches
        self._held_out = held_out
        self.optimizer = self.new_optimizer()

    def new_optimizer(self) -> torch.optim.AdamW:
        """The optimizer of the trained weights, before the first step."""
        return new_optimizer(self.vae)

    def parts(self) -> Mapping[str, nn.Module]:
        """The whole autoencoder."""
        return {"vae": self.vae}

    def rate(self, progress: float, step: int) -> float:
        """See :func:`rate`."""
        return rate(progress)

    def loss(self, step: int) -> torch.Tensor:
        """The loss of a new random batch."""
        return self.loss_of(self._batches.draw(step))

    def loss_of(self, batch: torch.Tensor) -> torch.Tensor:
        """The loss of ``batch``, N×1×H×W in −1…1."""
        return vae_loss(self.vae, batch)

    def after_step(self, step: int) -> None:
        """Nothing to do."""

    def measures(self) -> Mapping[str, float]:
        """``psnr``: how well held-out images are restored, in dB."""
        return {"psnr": psnr(self.vae, self._held_out)}


def train_vae(
    images: Grey,
    weights: npt.NDArray[np.float64],
    validation: Grey,
    state: Path,
    minutes: float,
) -> AutoencoderKL:
    """Train for ``minutes`` in total, including earlier runs, saving to ``state`` at intervals.

    A saved state keeps its number of latent channels.
    ``images`` and ``validation`` are N×256×256 greys, ``weights`` sum to 1.
    """
    device = best_device()
    torch.manual_seed(0)
    channels = LATENT_CHANNELS
    if state.exists():
        saved = torch.load(state, map_location="cpu", weights_only=True, mmap=True)
        channels = len(saved["vae"]["post_quant_conv.bias"])
    vae = build_vae(channels).to(device, memory_format=torch.channels_last)
    train(AutoencoderStage(vae, Batches(images, weights), validation[:64]), state, minutes)
    return vae.eval()


def rate(progress: float) -> float:
    """Share of the peak learning rate: a short rise, constant, cosine decay in the second half."""
    if progress < 0.03:
        return progress / 0.03
    if progress < 0.5:
        return 1.0
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (progress - 0.5) / 0.5))


def vae_loss(vae: AutoencoderKL, batch: torch.Tensor) -> torch.Tensor:
    """The loss of one batch, N×1×H×W in −1…1."""
    with bfloat16_on_gpu(batch.device):
        posterior = vae.encode(three_channels(batch)).latent_dist
        restored = vae.decode(posterior.sample()).sample
    kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar)
    total: torch.Tensor = restoration_loss(restored, batch) + KL_WEIGHT * kl.mean()
    return total


def three_channels(batch: torch.Tensor) -> torch.Tensor:
    """N×1×H×W greys as N×3×H×W, the three channels that the autoencoder expects."""
    return batch.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def restoration_loss(restored: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
    """How far ``restored`` (N×3×H×W) is from ``batch`` (N×1×H×W)."""
    difference = restored.float().mean(1, keepdim=True) - batch
    squares = difference.square().mean((1, 2, 3))
    loss: torch.Tensor = difference.abs().mean() + (squares + _LEAST_SQUARE).sqrt().mean()
    return loss


@torch.no_grad()
def psnr(vae: AutoencoderKL, greys: Grey) -> float:
    """Mean peak signal-to-noise ratio, in dB, of ``greys`` (N×256×256) encoded and decoded."""
    device = next(vae.parameters()).device
    values = []
    for start in range(0, len(greys), 16):
        batch = to_tensor(greys[start : start + 16]).to(device)
        latents = vae.encode(batch.expand(-1, 3, -1, -1)).latent_dist.mode()
        error = vae.decode(latents).sample.mean(1, keepdim=True).clamp(-1, 1) - batch
        values.append(10 * torch.log10(4 / (error**2).mean((1, 2, 3))))
    return float(torch.cat(values).mean())


def to_tensor(greys: Grey) -> torch.Tensor:
    """N×H×W greys as N×1×H×W in −1…1."""
    return torch.from_numpy(greys.astype(np.float32) / 127.5 - 1)[:, None]
