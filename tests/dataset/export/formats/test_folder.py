"""The folders that torchvision reads: a class for each label, and every image in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.datasets_splits import splits
from support.exports import export_dataset, files, reviewed_dataset
from support.named_for_splits import NAMED, save_named_for_splits

from xray_tui.dataset.dataset import Dataset


def classes(folder: Path) -> dict[str, int]:
    """The number of images of each class, as torchvision finds classes: folders by name."""
    found = sorted(one for one in folder.iterdir() if one.is_dir())
    return {one.name: len(list(one.glob("*.png"))) for one in found}


def test_labels_are_folders(root: Path, tmp_path: Path) -> None:
    reviewed_dataset(root)
    path = tmp_path / "release"
    facts = export_dataset(root, path, "folder", shares=(50, 50)).facts
    for split in ("train", "test"):
        assert classes(path / split) == {
            label: facts.counts["chest", label, split]
            for label in ("effusion", "normal", "pneumonia")
        }
    rows = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    assert {row["file_name"] for row in rows} == files(path) - {"metadata.jsonl", "README.md"}
    assert all(f"{row['split']}/{row['label']}/" in row["file_name"] for row in rows)


def test_labels_of_several_regions_are_told_apart(
    root: Path, dataset: Dataset, tmp_path: Path
) -> None:
    save_named_for_splits(dataset)
    path = tmp_path / "release"
    export_dataset(root, path, "folder", shares=(80, 20))
    train = classes(path / "train")
    assert {"chest.normal", "test+.normal", "chest.val+"} <= set(train)
    assert sum(train.values()) + sum(classes(path / "test").values()) == NAMED
    # Programs that derive splits from names find those at the top, and no others.
    found = splits(files(path) - {"README.md", "metadata.jsonl"})
    assert {split: len(names) for split, names in found.items()} == {
        split: sum(classes(path / split).values()) for split in ("train", "test")
    }


def test_torchvision_reads_it(root: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("torchvision.datasets")
    reviewed_dataset(root)
    path = tmp_path / "release"
    export_dataset(root, path, "folder")
    found = datasets.ImageFolder(str(path / "train"))
    assert found.classes == ["effusion", "normal", "pneumonia"]
    assert len(found) == 20
