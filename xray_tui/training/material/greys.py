"""The pixels of the radiographs as one array, and the split into training and validation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xray_tui.training.errors import TrainingError
from xray_tui.training.material.arrays import cached_array
from xray_tui.training.material.data import Radiograph, load_grey
from xray_tui.training.material.limbs import Grey

MIRRORED_SOURCES = ("fa", "o")
"""Collections of limbs and knees, which are still correct when mirrored; chests are not."""


def split(items: list[Radiograph]) -> tuple[list[Radiograph], list[Radiograph]]:
    """The images to train on, and those held out for validation."""
    training = [item for item in items if not item.held_out]
    return training, [item for item in items if item.held_out]


def load_greys(folder: Path, items: list[Radiograph], cache: Path) -> Grey:
    """The greys of ``items``, N×256×256; read from ``folder`` once, then from ``cache``.

    Raises:
        TrainingError: ``cache`` was written for other images.
    """
    greys = cached_array(cache, lambda: np.stack([load_grey(folder, item) for item in items]))
    if len(greys) != len(items):
        raise TrainingError(
            f"{cache} holds {len(greys)} images, but the data {len(items)}: delete this cache"
        )
    return greys
