"""The denoiser: a UNet steered by a small CLIP text encoder, trained together on latents.

v-prediction (Salimans & Ho 2022, arXiv:2202.00512) weighted by min-SNR 5 (Hang et al. 2023,
arXiv:2303.09556); one caption in ten is empty, for classifier-free guidance; an exponential
average of the weights is shipped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from diffusers import UNet2DConditionModel
from torch import nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from xray_tui.training.material.tokenizer import MAX_LENGTH
from xray_tui.training.stages.loop import train
from xray_tui.training.stages.schedule import STEPS, training_betas
from xray_tui.training.stages.state import best_device, bfloat16_if_fast
from xray_tui.training.stages.torch_internals import move_towards

BATCH, GPU_BATCH = 64, 512
PEAK_RATE, GPU_PEAK_RATE = 6e-4, 1e-3
EMPTY_CAPTIONS = 0.1
MIN_SNR = 5.0
NOISY_FLOOR = 0.25
"""Keeps some weight on nearly pure noise, where the overall brightness of an image is decided."""
AVERAGE = 0.999
TEXT_WIDTH = 128


Predict = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]
"""The velocity of noisy latents (N×C×16×16) at steps (N) for captions (N×77)."""


def build_unet(latent_channels: int) -> UNet2DConditionModel:
    """An untrained UNet for 16×16 latents, with cross-attention to the caption at 8×8 and 4×4."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        layers_per_block=2,
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
    """UNet and text encoder as one module, so that they share an optimizer and an average."""

    def __init__(self, tokenizer: CLIPTokenizer, latent_channels: int) -> None:
        super().__init__()
        self.unet = build_unet(latent_channels)
        self.text_encoder = build_text_encoder(tokenizer)

    def forward(self, noisy: torch.Tensor, steps: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        """The predicted velocity of ``noisy`` (N×C×16×16) for captions ``ids`` (N×77)."""
        predicted: torch.Tensor = self.unet(noisy, steps, self.encode(ids)).sample
        return predicted

    def encode(self, ids: torch.Tensor) -> torch.Tensor:
        """The embeddings of captions ``ids`` (N×77): N×77×width."""
        words: torch.Tensor = self.text_encoder(ids).last_hidden_state
        return words


@dataclass(frozen=True)
class TrainingSet:
    """Data to train or validate the denoiser: N images in V variants, with K captions each."""

    latents: torch.Tensor
    """N×V×C×16×16, normalised."""
    captions: torch.Tensor
    """N×K×77 token numbers."""
    weights: torch.Tensor
    """Probability of drawing each image: N, sum 1."""

    def to(self, device: torch.device) -> TrainingSet:
        """A copy on ``device``."""
        return TrainingSet(
            *(part.to(device) for part in (self.latents, self.captions, self.weights))
        )

    def draw(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """``count`` random latents (count×C×16×16) and captions (count×77), with replacement."""
        chosen = torch.multinomial(self.weights, count, replacement=True)
        latents = self.latents[chosen, self._one_of(self.latents, count)]
        return latents.float(), self.captions[chosen, self._one_of(self.captions, count)].long()

    @staticmethod
    def _one_of(choices: torch.Tensor, count: int) -> torch.Tensor:
        return torch.randint(choices.shape[1], (count,), device=choices.device)


def new_optimizer(model: Denoiser) -> torch.optim.AdamW:
    """The optimizer before the first step."""
    return torch.optim.AdamW(model.parameters(), lr=PEAK_RATE, betas=(0.9, 0.99), weight_decay=1e-2)


class _DenoiserStage:
    def __init__(
        self, tokenizer: CLIPTokenizer, training: TrainingSet, held_out: TrainingSet
    ) -> None:
        device = best_device()
        gpu = device.type == "cuda"
        channels = training.latents.shape[2]
        self._model = Denoiser(tokenizer, channels).to(device)
        self.average = Denoiser(tokenizer, channels).to(device).eval()
        self.average.load_state_dict(self._model.state_dict())
        self._training, self._held_out = training.to(device), held_out.to(device)
        self._batch = GPU_BATCH if gpu else BATCH
        velocity = _Velocity(self._model.unet)
        self._unet = _with_cuda_graphs(velocity, self._batch, channels) if gpu else velocity
        self.peak_rate = GPU_PEAK_RATE if gpu else PEAK_RATE
        self.optimizer = new_optimizer(self._model)
        empty = tokenizer([""], padding="max_length", return_tensors="pt")
        self._empty = empty.input_ids.to(device)
        self._signal = torch.from_numpy(np.cumprod(1 - training_betas())).float().to(device)

    def parts(self) -> Mapping[str, nn.Module]:
        return {"model": self._model, "average": self.average}

    def rate(self, progress: float, step: int) -> float:
        return rate(progress, step)

    def loss(self, step: int) -> torch.Tensor:
        clean, ids = self._training.draw(self._batch)
        without_caption = torch.rand(len(ids), device=ids.device) < EMPTY_CAPTIONS
        ids = torch.where(without_caption[:, None], self._empty, ids)
        with bfloat16_if_fast(ids.device):
            return velocity_loss(self._predict, clean, ids, self._signal)

    def _predict(self, noisy: torch.Tensor, steps: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        predicted: torch.Tensor = self._unet(noisy, steps, self._model.encode(ids))
        return predicted

    @torch.no_grad()
    def after_step(self, step: int) -> None:
        keep = min(AVERAGE, (1 + step) / (10 + step))
        average: list[torch.Tensor] = list(self.average.parameters())
        model: list[torch.Tensor] = list(self._model.parameters())
        move_towards(average, model, 1 - keep)

    def measures(self) -> Mapping[str, float]:
        return {"kept_aside": held_out_loss(self.average, self._held_out, self._signal)}


def _with_cuda_graphs(velocity: _Velocity, batch: int, channels: int) -> _Velocity:
    """``velocity`` with its passes recorded as CUDA graphs, for batches of exactly this size.

    Otherwise launching thousands of small kernels takes longer than running them.
    """
    device = next(velocity.parameters()).device
    samples = (
        torch.randn(batch, channels, 16, 16, device=device),
        torch.randint(0, STEPS, (batch,), device=device),
        torch.randn(batch, MAX_LENGTH, TEXT_WIDTH, device=device, requires_grad=True),
    )
    with torch.autocast("cuda", torch.bfloat16, cache_enabled=False):
        torch.cuda.make_graphed_callables(velocity, samples)  # replaces its forward
    return velocity


class _Velocity(nn.Module):
    """A UNet that takes and returns only tensors, as CUDA graphs require."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self._unet = unet

    def forward(
        self, noisy: torch.Tensor, steps: torch.Tensor, words: torch.Tensor
    ) -> torch.Tensor:
        predicted: torch.Tensor = self._unet(noisy, steps, words).sample
        return predicted


def train_denoiser(
    training: TrainingSet,
    held_out: TrainingSet,
    tokenizer: CLIPTokenizer,
    state: Path,
    minutes: float,
) -> Denoiser:
    """Train for ``minutes`` in total, saving to ``state`` at intervals; returns averaged weights.

    The loss on ``held_out`` is logged along with that on ``training``: if it rises, the model is
    memorising its images.
    """
    torch.manual_seed(0)
    stage = _DenoiserStage(tokenizer, training, held_out)
    train(stage, state, minutes)
    return stage.average


def rate(progress: float, step: int) -> float:
    """Share of the peak learning rate: a rise, constant, then a cosine decay over the last 40 %."""
    rise = min(1.0, (step + 1) / 200)
    if progress < 0.6:
        return rise
    return rise * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - 0.6) / 0.4)))


def velocity_loss(
    predict: Predict, clean: torch.Tensor, ids: torch.Tensor, signal: torch.Tensor
) -> torch.Tensor:
    """Weighted squared error of the velocity, at a random step for each of ``clean``."""
    steps = torch.randint(0, len(signal), (len(clean),), device=clean.device)
    share = signal[steps][:, None, None, None]
    noise = torch.randn_like(clean)
    noisy = share.sqrt() * clean + (1 - share).sqrt() * noise
    velocity = share.sqrt() * noise - (1 - share).sqrt() * clean
    error = (predict(noisy, steps, ids).float() - velocity).square().mean((1, 2, 3))
    ratio = signal[steps] / (1 - signal[steps])
    weight = (ratio.clamp(max=MIN_SNR) + NOISY_FLOOR) / (ratio + 1)
    loss: torch.Tensor = (error * weight).mean()
    return loss


@torch.no_grad()
def held_out_loss(model: Denoiser, held_out: TrainingSet, signal: torch.Tensor) -> float:
    """The loss on all images of ``held_out``, always with the same noise and captions."""
    losses = []
    with torch.random.fork_rng():
        torch.manual_seed(0)
        for start in range(0, len(held_out.latents), BATCH):
            latents = held_out.latents[start : start + BATCH, 0].float()
            ids = held_out.captions[start : start + BATCH, 0].long()
            losses.append(velocity_loss(model, latents, ids, signal))
    return float(torch.stack(losses).mean())
