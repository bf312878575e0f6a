"""A small convolutional network with one or more heads, and the loop that trains it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the field's own name for it
from torch import nn

from xray_tui.training.evaluation.groups import UNKNOWN, Numbers
from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.state import best_device, save_state

Features = npt.NDArray[np.float64]
BATCH = 64
PEAK_RATE = 3e-3
FEATURES = 64
_SAVE_EVERY = 100
_BRIGHTNESS, _CONTRAST = 0.15, 0.2
_TURN, _ZOOM, _SHIFT = math.radians(7), 0.1, 0.07


@dataclass(frozen=True)
class Examples:
    """Images to learn from.

    ``images`` are N×S×S greys; ``targets`` maps each head to N answers, :data:`UNKNOWN` if there is
    none; ``weights`` (N, sum 1) are the probabilities of drawing each image; ``mirrorable`` (N)
    says which images are still correct when mirrored.
    """

    images: Grey
    targets: Mapping[str, Numbers]
    weights: npt.NDArray[np.float64]
    mirrorable: npt.NDArray[np.bool_]


class Network(nn.Module):
    """Four residual stages of growing width, then ``FEATURES`` numbers, then the heads."""

    def __init__(self, heads: Mapping[str, int], width: int) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width, 6 * width)
        self.stem = nn.Sequential(
            nn.Conv2d(1, width, 5, 2, 2, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        pairs = zip((width, *widths), widths, strict=False)
        self.stages = nn.Sequential(*(_Stage(*pair) for pair in pairs))
        self.to_features = nn.Linear(2 * widths[-1], FEATURES)
        self.heads = nn.ModuleDict(
            {name: nn.Linear(FEATURES, answers) for name, answers in heads.items()}
        )

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """N×64 features of N×1×S×S images in -1…1."""
        maps = self.stages(self.stem(images))
        both = torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1)
        features: torch.Tensor = self.to_features(both)
        return features

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """For each head, N×answers logits."""
        features = F.relu(self.features(images))
        return {name: head(features) for name, head in self.heads.items()}


class _Stage(nn.Module):
    """A residual block of two convolutions, which halves height and width."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(into, out, 3, 2, 1, bias=False)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(into, out, 1, bias=False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(out) for _ in range(2))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        inner = self.norms[1](self.second(F.relu(self.norms[0](self.first(maps)))))
        return F.relu(inner + self.shortcut(F.avg_pool2d(maps, 2, ceil_mode=True)))


def fit(
    network: Network,
    examples: Examples,
    steps: int,
    *,
    seed: int = 0,
    state: Path | None = None,
    report: Callable[[int, float], None] = lambda step, loss: None,
) -> Network:
    """Train for ``steps`` batches; with ``state``, save to that file and resume from it."""
    device = best_device()
    network.to(device).train()
    optimizer = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=0.05)
    step = 0
    if state is not None and state.exists():
        saved = torch.load(state, map_location=device, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
    while step < steps:
        for group in optimizer.param_groups:
            group["lr"] = PEAK_RATE * rate(step / steps)
        random = np.random.default_rng([seed, step])
        chosen = random.choice(len(examples.images), BATCH, p=examples.weights)
        batch = augmented(examples.images[chosen], examples.mirrorable[chosen], random).to(device)
        answers = {
            head: torch.from_numpy(numbers[chosen]) for head, numbers in examples.targets.items()
        }
        loss = _loss(network(batch), answers)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        if step % _SAVE_EVERY == 0 or step == steps:
            report(step, loss.item())
            if state is not None:
                save_state(
                    state,
                    network=network.state_dict(),
                    optimizer=optimizer.state_dict(),
                    step=step,
                )
    return network.eval()


def rate(progress: float) -> float:
    """Share of the peak learning rate: a rise over the first tenth, then a cosine decay."""
    if progress < 0.1:
        return 0.05 + 0.95 * progress / 0.1
    return 0.5 * (1 + math.cos(math.pi * (progress - 0.1) / 0.9)) + 0.001


def augmented(
    images: Grey, mirrorable: npt.NDArray[np.bool_], random: np.random.Generator
) -> torch.Tensor:
    """N×S×S greys as N×1×S×S in about -1…1, with random rotation, zoom, shift and brightness."""
    count = len(images)
    angle = random.uniform(-_TURN, _TURN, count)
    zoom = 1 + random.uniform(-_ZOOM, _ZOOM, count)
    mirror = np.where(mirrorable & (random.random(count) < 0.5), -1.0, 1.0)
    matrix = np.zeros((count, 2, 3))
    matrix[:, 0, 0], matrix[:, 0, 1] = mirror * np.cos(angle) * zoom, -np.sin(angle) * zoom
    matrix[:, 1, 0], matrix[:, 1, 1] = mirror * np.sin(angle) * zoom, np.cos(angle) * zoom
    matrix[:, :, 2] = random.uniform(-_SHIFT, _SHIFT, (count, 2))
    batch = as_batch(images)
    grid = F.affine_grid(torch.from_numpy(matrix).float(), list(batch.shape), align_corners=False)
    moved = F.grid_sample(batch, grid, padding_mode="border", align_corners=False)
    gain = 1 + random.uniform(-_CONTRAST, _CONTRAST, (count, 1, 1, 1))
    bias = random.uniform(-_BRIGHTNESS, _BRIGHTNESS, (count, 1, 1, 1))
    return moved * torch.from_numpy(gain).float() + torch.from_numpy(bias).float()


def as_batch(images: Grey) -> torch.Tensor:
    """N×S×S greys as N×1×S×S in -1…1."""
    return torch.from_numpy(images.astype(np.float32) / 127.5 - 1)[:, None]


@torch.no_grad()
def apply(
    network: Network, images: Grey, part: Callable[[Network, torch.Tensor], torch.Tensor]
) -> Features:
    """``part(network, batch)`` for all images, N×…, as float64."""
    device = next(network.parameters()).device
    batches = (as_batch(images[start : start + 128]) for start in range(0, len(images), 128))
    return np.concatenate(
        [part(network, batch.to(device)).double().cpu().numpy() for batch in batches]
    )


def _loss(logits: Mapping[str, torch.Tensor], answers: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """The cross entropy of the images that have an answer, summed over the heads."""
    losses = []
    for name, predicted in logits.items():
        wanted = answers[name].to(predicted.device)
        total = F.cross_entropy(predicted, wanted, ignore_index=UNKNOWN, reduction="sum")
        losses.append(total / (wanted != UNKNOWN).sum().clamp(min=1))
    return torch.stack(losses).sum()
