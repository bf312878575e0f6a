"""The denoiser: a UNet steered by a small CLIP text encoder, trained together on latents.

v-prediction (Salimans & Ho 2022, arXiv:2202.00512) weighted by min-SNR 5 (Hang et al. 2023,
arXiv:2303.09556); one caption in ten is empty, for classifier-free guidance; an exponential average
of the weights is what is shipped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from xray_tui.training.schedule import training_betas
from xray_tui.training.state import LossLog, best_device, half_precision, save_state

BATCH = 64
PEAK_RATE = 6e-4
EMPTY_CAPTIONS = 0.1
MIN_SNR = 5.0
NOISY_FLOOR = 0.25
"""Keeps some weight on nearly pure noise, where the picture's overall darkness is decided."""
AVERAGE = 0.999
TEXT_WIDTH = 128


def build_unet(latent_channels: int) -> UNet2DConditionModel:
    """An untrained UNet for latents of 16×16 that reads the caption at 8×8 and 4×4."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        layers_per_block=1,
        block_out_channels=(64, 128, 256),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=8,
        norm_num_groups=32,
    )


def build_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """An untrained text encoder of three layers."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=tokenizer.model_max_length,
            projection_dim=TEXT_WIDTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


class Denoiser(nn.Module):
    """UNet and text encoder as one module, so that one optimizer and one average hold both."""

    def __init__(self, tokenizer: CLIPTokenizer, latent_channels: int) -> None:
        super().__init__()
        self.unet = build_unet(latent_channels)
        self.text_encoder = build_text_encoder(tokenizer)

    def forward(self, noisy: torch.Tensor, steps: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The predicted velocity of ``noisy`` (N×C×16×16) for captions ``ids`` (N×77)."""
        words = self.text_encoder(ids).last_hidden_state
        predicted: torch.Tensor = self.unet(noisy, steps, words).sample
        return predicted


def new_optimizer(model: Denoiser) -> torch.optim.AdamW:
    """The optimizer at the start of training."""
    return torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-2)


def train_denoiser(
    latents: npt.NDArray[np.float32],
    weights: npt.NDArray[np.float64],
    caption: Callable[[int], str],
    tokenizer: CLIPTokenizer,
    state: Path,
    minutes: float,
) -> Denoiser:
    """Train for ``minutes`` in all, saving to ``state`` every 3; returns the averaged weights.

    ``latents`` are N×C×16×16, normalised; ``caption(i)`` draws a caption for the i-th.
    """
    device = best_device()
    torch.manual_seed(0)
    model = Denoiser(tokenizer, latents.shape[1]).to(device)
    average = Denoiser(tokenizer, latents.shape[1]).to(device)
    average.load_state_dict(model.state_dict())
    optimizer = new_optimizer(model)
    done, step = 0.0, 0
    if state.exists():
        saved = torch.load(state, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        average.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        done, step = saved["seconds"], saved["step"]
    log = LossLog(state.with_suffix(".csv"))
    random = np.random.default_rng(step)
    torch.manual_seed(step)
    signal = torch.from_numpy(np.cumprod(1 - training_betas())).float().to(device)
    started = last_saved = time.monotonic()
    recent: list[float] = []

    def keep(seconds: float) -> None:
        log.add(step, seconds, loss=float(np.mean(recent)))
        recent.clear()
        save_state(
            state,
            model=model.state_dict(),
            average=average.state_dict(),
            optimizer=optimizer.state_dict(),
            seconds=seconds,
            step=step,
        )

    while (seconds := done + time.monotonic() - started) < 60 * minutes:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate(seconds / (60 * minutes), step)
        chosen = random.choice(len(latents), BATCH, p=weights)
        texts = ["" if random.random() < EMPTY_CAPTIONS else caption(int(i)) for i in chosen]
        ids = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt")
        clean = torch.from_numpy(latents[chosen]).to(device)
        with half_precision(device):
            loss = velocity_loss(model, clean, ids.input_ids.to(device), signal)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        recent.append(loss.item())
        _average(average, model, min(AVERAGE, (1 + step) / (10 + step)))
        if time.monotonic() - last_saved > 180:
            last_saved = time.monotonic()
            keep(seconds)
    if recent:
        keep(seconds)
    return average.eval()


def rate(progress: float, step: int) -> float:
    """Share of the peak learning rate: a rise, flat, a cosine fall over the last 40 %."""
    rise = min(1.0, (step + 1) / 200)
    if progress < 0.6:
        return rise
    return rise * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - 0.6) / 0.4)))


def velocity_loss(
    model: Denoiser, clean: torch.Tensor, ids: torch.Tensor, signal: torch.Tensor
) -> torch.Tensor:
    """Weighted squared error of the velocity at a random step for each of ``clean``."""
    steps = torch.randint(0, len(signal), (len(clean),), device=clean.device)
    share = signal[steps][:, None, None, None]
    noise = torch.randn_like(clean)
    noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
    velocity = share.sqrt() * noise - (1 - share).sqrt() * clean
    error = (model(noisy, steps, ids).float() - velocity).square().mean((1, 2, 3))
    ratio = signal[steps] / (1 - signal[steps])
    weight = (ratio.clamp(max=MIN_SNR) + NOISY_FLOOR) / (ratio + 1)
    loss: torch.Tensor = (error * weight).mean()
    return loss


@torch.no_grad()
def _average(average: nn.Module, model: nn.Module, keep: float) -> None:
    for old, new in zip(average.parameters(), model.parameters(), strict=True):
        old.lerp_(new, 1 - keep)
