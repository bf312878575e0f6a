"""The images as one array, made once, and which of them are kept aside."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xray_tui.training.material.data import Radiograph, load_grey
from xray_tui.training.material.limbs import Grey

MIRRORED_SOURCES = ("fa", "o")
"""Limbs and knees look as true in a mirror; a chest does not."""


def split(items: list[Radiograph]) -> tuple[list[Radiograph], list[Radiograph]]:
    """Those to train on, and those kept aside for validation."""
    training = [item for item in items if not item.held_out]
    return training, [item for item in items if item.held_out]


def prepare(folder: Path, items: list[Radiograph], cache: Path) -> Grey:
    """The greys of ``items``, N×256×256, made once."""
    if cache.exists():
        cached: Grey = np.load(cache)
        return cached
    greys = np.stack([load_grey(folder, item) for item in items])
    temporary = cache.with_suffix(".new.npy")
    np.save(temporary, greys)
    temporary.replace(cache)
    return greys
