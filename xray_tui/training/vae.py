"""The autoencoder: 256×256 greys to 24×16×16 latents and back.

Trained on random 128×128 crops, every fifth step on whole images. Loss: L1, each image's root mean
square error (its gradient is that of the mean PSNR), and a weak pull of the latents to a normal
distribution.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL

from xray_tui.training.limbs import Grey
from xray_tui.training.state import LossLog, best_device, save_state

LATENT_CHANNELS = 24
"""The best 16 linear components of a 16×16 patch give 33.6 dB of the images kept aside, 24 give
35.5; the network stays about two below them."""
CROP = 128
PEAK_RATE = 8e-4
KL_WEIGHT = 3e-4
_LEAST_SQUARE = 1e-4
"""Keeps the root's gradient finite: 46 dB."""


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
    """The optimizer at the start of training."""
    return torch.optim.AdamW(vae.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-4)


def train_vae(
    images: npt.NDArray[np.uint8],
    weights: npt.NDArray[np.float64],
    validation: npt.NDArray[np.uint8],
    state: Path,
    minutes: float,
) -> AutoencoderKL:
    """Train for ``minutes`` in all (earlier sittings counted), saving to ``state`` every 3 minutes.

    A saved state keeps its number of latent channels.
    ``images`` and ``validation`` are N×256×256 greys, ``weights`` sum to 1.
    """
    device = best_device()
    saved = torch.load(state, map_location=device, weights_only=True) if state.exists() else None
    vae = build_vae(len(saved["vae"]["post_quant_conv.bias"])) if saved else build_vae()
    vae = vae.to(device, memory_format=torch.channels_last)
    optimizer = new_optimizer(vae)
    done, step = 0.0, 0
    if saved:
        vae.load_state_dict(saved["vae"])
        optimizer.load_state_dict(saved["optimizer"])
        done, step = saved["seconds"], saved["step"]
    log = LossLog(state.with_suffix(".csv"))
    random = np.random.default_rng(step)
    started = last_saved = time.monotonic()
    recent: list[float] = []

    def keep(seconds: float) -> None:
        log.add(step, seconds, loss=float(np.mean(recent)), psnr=psnr(vae, validation[:64]))
        recent.clear()
        save_state(
            state,
            vae=vae.state_dict(),
            optimizer=optimizer.state_dict(),
            seconds=seconds,
            step=step,
        )

    while (seconds := done + time.monotonic() - started) < 60 * minutes:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate(seconds / (60 * minutes))
        batch = _batch(images, weights, random, whole=step % 5 == 4).to(device)
        loss = vae_loss(vae, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimizer.step()
        step += 1
        recent.append(loss.item())
        if time.monotonic() - last_saved > 180:
            last_saved = time.monotonic()
            keep(seconds)
    if recent:
        keep(seconds)
    return vae.eval()


def rate(progress: float) -> float:
    """Share of the peak learning rate: a short rise, flat, a cosine fall over the second half."""
    if progress < 0.03:
        return progress / 0.03
    if progress < 0.5:
        return 1.0
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (progress - 0.5) / 0.5))


def vae_loss(vae: AutoencoderKL, batch: torch.Tensor) -> torch.Tensor:
    """The loss of one batch, N×1×H×W in −1…1."""
    three = batch.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
    posterior = vae.encode(three).latent_dist
    restored = vae.decode(posterior.sample()).sample.mean(1, keepdim=True)
    difference = restored - batch
    squares = difference.square().mean((1, 2, 3))
    loss = difference.abs().mean() + (squares + _LEAST_SQUARE).sqrt().mean()
    kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar)
    total: torch.Tensor = loss + KL_WEIGHT * kl.mean()
    return total


@torch.no_grad()
def psnr(vae: AutoencoderKL, greys: Grey) -> float:
    """Mean peak signal-to-noise ratio in dB of ``greys`` (N×256×256) restored."""
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


def _batch(
    images: Grey, weights: npt.NDArray[np.float64], random: np.random.Generator, *, whole: bool
) -> torch.Tensor:
    chosen = random.choice(len(images), 3 if whole else 8, p=weights)
    batch = to_tensor(images[chosen])
    if whole:
        return batch
    corners = random.integers(0, images.shape[1] - CROP + 1, (len(chosen), 2))
    return torch.stack(
        [image[:, y : y + CROP, x : x + CROP] for image, (y, x) in zip(batch, corners, strict=True)]
    )
