"""The tar files that webdataset and datasets read: complete samples, and all of them."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from PIL import Image
from support.exports import export_dataset, files, printed_by, reviewed_dataset

_LOAD = """
import sys
from datasets import load_dataset
for found in load_dataset("webdataset", data_dir=sys.argv[1]), load_dataset(sys.argv[1]):
    print({split: part.num_rows for split, part in found.items()})
    for part in found.values():
        row = part[0]
        assert row["png"].size == (64, 64) and row["json"]["synthetic"] is True
        assert ["effusion", "normal", "pneumonia"][row["cls"]] == row["json"]["label"]
"""


@pytest.fixture
def path(root: Path, tmp_path: Path) -> Path:
    """An export of 20 images in two splits, of 3 images in a shard."""
    reviewed_dataset(root)
    folder = tmp_path / "release"
    export_dataset(root, folder, "webdataset", shares=(50, 50), shard_size=3)
    return folder


def test_shards_hold_complete_samples(path: Path) -> None:
    shards = sorted(path.glob("*.tar"))
    assert [shard.name for shard in shards] == [
        f"{split}-{number:06}.tar" for split in ("test", "train") for number in range(4)
    ]
    assert files(path) == {*(shard.name for shard in shards), "README.md"}
    samples = 0
    for shard in shards:
        assert shard.stat().st_size % tarfile.RECORDSIZE == 0
        with tarfile.open(shard) as tar:
            names = tar.getnames()
            for sample in zip(names[::3], names[1::3], names[2::3], strict=True):
                assert len({name.partition(".")[0] for name in sample}) == 1
                contents = [tar.extractfile(name) for name in sample]
                label = json.load(contents[1])["label"]  # type: ignore[arg-type]
                number = int(contents[0].read())  # type: ignore[union-attr]
                assert label == ["effusion", "normal", "pneumonia"][number]
                assert sample[2].startswith(f"chest/{label}/")
                with Image.open(contents[2]) as image:  # type: ignore[arg-type]
                    assert "trainedAlgorithmicMedia" in image.text["XML:com.adobe.xmp"]
                samples += 1
    assert samples == 20
    assert "`effusion`, `normal`, `pneumonia`" in (path / "README.md").read_text()


@pytest.mark.slow
def test_the_library_reads_every_sample(path: Path) -> None:
    wds = pytest.importorskip("webdataset", reason="pip install '.[test]' brings webdataset")
    found = 0
    for split in ("train", "test"):
        shards = [str(shard) for shard in sorted(path.glob(f"{split}-*.tar"))]
        samples = wds.WebDataset(shards, shardshuffle=False).decode("pil")
        for image, number, row in samples.to_tuple("png", "cls", "json"):
            assert image.size == (row["width"], row["height"])
            assert row["label"] == ["effusion", "normal", "pneumonia"][number]
            found += 1
    assert found == 20


@pytest.mark.slow
def test_datasets_reads_every_sample(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="pip install datasets")
    printed = printed_by(_LOAD, path, tmp_path / "cache")
    assert printed.splitlines() == [str({"train": 10, "test": 10})] * 2
