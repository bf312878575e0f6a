"""A dataset whose names are full of the words by which programs split datasets."""

from __future__ import annotations

import numpy as np
from PIL import Image
from support.dataset_samples import make_provenance, make_task
from support.datasets_splits import WORDS

from xray_tui.dataset.dataset import Dataset

NAMED = 6 * len(WORDS)
"""Images that :func:`save_named_for_splits` makes."""


def save_named_for_splits(dataset: Dataset) -> None:
    """Save accepted images of which no two are relatives."""
    records = [
        dataset.save(_noise(seed), make_task(seed, **{key: name}), make_provenance(), "job-1")
        for seed, (key, name) in enumerate(
            (key, f"{prefix}{word}")
            for word in WORDS
            for prefix in ("", "a-")
            for key in ("region", "label", "prompt_id")
        )
    ]
    dataset.desk("ann").set_decision([record.id for record in records], "accepted")


def _noise(seed: int) -> Image.Image:
    """An image that is no near duplicate of another."""
    levels = np.random.default_rng(seed).integers(0, 256, (9, 8), np.uint8)
    return Image.fromarray(levels).resize((64, 72))
