"""Fits the linear map from latents to a small grey picture, which the live preview uses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from xray_tui.training.material.limbs import Grey

UPSCALE = 4
"""Each latent pixel becomes 4×4 grey pixels: 64×64 for a 256×256 image."""


def fit_preview(latents: npt.NDArray[np.float32], greys: Grey) -> dict[str, object]:
    """The map in the format of preview.json: least squares from channels to blocks of greys."""
    count, channels, high, wide = latents.shape
    cell = greys.shape[1] // (high * UPSCALE)
    small = greys.reshape(count, high * UPSCALE, cell, wide * UPSCALE, cell).mean((2, 4)) / 255
    blocks = small.reshape(count, high, UPSCALE, wide, UPSCALE).transpose(0, 1, 3, 2, 4)
    target = blocks.reshape(-1, UPSCALE**2)
    source = latents.transpose(0, 2, 3, 1).reshape(-1, channels)
    with_one = np.concatenate([source, np.ones((len(source), 1), source.dtype)], axis=1)
    solution = np.linalg.lstsq(with_one, target, rcond=None)[0]
    return {
        "format": 1,
        "upscale": UPSCALE,
        "weight": np.round(solution[:-1], 5).tolist(),
        "bias": np.round(solution[-1], 5).tolist(),
    }


def write_preview(folder: Path, preview: dict[str, object]) -> None:
    """Write ``preview`` to preview.json in the model's ``folder``."""
    (folder / "preview.json").write_text(json.dumps(preview) + "\n", encoding="utf-8")
