"""The image folder: ``datasets`` finds the splits that were made, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.datasets_splits import splits
from support.exports import export_dataset, files, printed_by
from support.named_for_splits import NAMED, save_named_for_splits

from xray_tui.dataset.dataset import Dataset

_LOAD = """
import sys
from datasets import load_dataset
for found in load_dataset("imagefolder", data_dir=sys.argv[1]), load_dataset(sys.argv[1]):
    print({split: part.num_rows for split, part in found.items()})
    for part in found.values():
        assert part[0]["image"].size == (64, 72) and part[0]["synthetic"] is True
"""


@pytest.fixture
def path(root: Path, dataset: Dataset, tmp_path: Path) -> Path:
    """An export of images whose names are full of the words that make splits."""
    save_named_for_splits(dataset)
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
    printed = printed_by(_LOAD, path, tmp_path / "cache")
    counts = {
        split: len(list(path.glob(f"{split}/*/*/*.png")))
        for split in ("train", "validation", "test")
    }
    assert sum(counts.values()) == NAMED
    assert printed.splitlines() == [str(counts)] * 2
