"""The image folder: ``datasets`` finds the splits that were made, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.dataset_samples import make_provenance, make_task
from support.datasets_splits import WORDS, splits
from support.exports import export_dataset, files

from xray_tui.dataset.dataset import Dataset

_LOAD = """
import sys
from datasets import load_dataset
for found in load_dataset("imagefolder", data_dir=sys.argv[1]), load_dataset(sys.argv[1]):
    print({split: part.num_rows for split, part in found.items()})
    for part in found.values():
        assert part[0]["image"].size == (64, 72) and part[0]["synthetic"] is True
"""


def noise(seed: int) -> Image.Image:
    """An image that is no near duplicate of another."""
    levels = np.random.default_rng(seed).integers(0, 256, (9, 8), np.uint8)
    return Image.fromarray(levels).resize((64, 72))


@pytest.fixture
def path(root: Path, dataset: Dataset, tmp_path: Path) -> Path:
    """An export of images whose names are full of the words that make splits."""
    records = [
        dataset.save(noise(seed), make_task(seed, **{key: name}), make_provenance(), "job-1")
        for seed, (key, name) in enumerate(
            (key, f"{prefix}{word}")
            for word in WORDS
            for prefix in ("", "a-")
            for key in ("region", "label", "prompt_id")
        )
    ]
    dataset.desk("ann").set_decision([record.id for record in records], "accepted")
    folder = tmp_path / "release"
    export_dataset(root, folder, "imagefolder", shares=(50, 25, 25))
    return folder


def test_the_rules_of_the_library_find_these_splits(path: Path) -> None:
    found = splits(files(path) - {"README.md"})
    assert set(found) == {"train", "validation", "test"}
    for split, names in found.items():
        assert names == {name for name in files(path) if name.startswith(f"{split}/")}


def test_the_real_library_loads_every_row(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    run = subprocess.run(
        [sys.executable, "-c", _LOAD, str(path)],
        env={**os.environ, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    counts = {
        split: len(list(path.glob(f"{split}/*/*/*.png")))
        for split in ("train", "validation", "test")
    }
    assert sum(counts.values()) == 6 * len(WORDS)
    assert run.stdout.splitlines() == [str(counts)] * 2
