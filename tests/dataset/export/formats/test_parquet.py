"""Parquet files with the images in them, as pyarrow and datasets read them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.exports import export_dataset, files, printed_by, reviewed_dataset

pq: Any = pytest.importorskip("pyarrow.parquet", reason="pip install '.[parquet]' brings pyarrow")

_LOAD = """
import sys
from datasets import load_dataset
found = load_dataset("parquet", data_dir=sys.argv[1])
print({split: part.num_rows for split, part in found.items()})
assert load_dataset(sys.argv[1]).num_rows == found.num_rows
for part in found.values():
    kinds = {name: type(feature).__name__ for name, feature in part.features.items()}
    assert kinds.pop("image") == "Image" and set(kinds.values()) == {"Value"}
    for row in part:
        assert row["image"].size == (row["width"], row["height"]) and row["synthetic"] is True
"""


@pytest.fixture
def path(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """10 images in each of two splits, of 6 images in a file, 4 in a row group."""
    monkeypatch.setattr("xray_tui.dataset.export.formats.parquet._ROWS", 4)
    reviewed_dataset(root)
    folder = tmp_path / "release"
    export_dataset(root, folder, "parquet", shares=(50, 50), shard_size=6)
    return folder


def test_rows_hold_the_images_and_all_columns(root: Path, path: Path) -> None:
    names = [f"{split}-0000{n}-of-00002" for split in ("test", "train") for n in (0, 1)]
    assert files(path) == {"README.md", *(f"data/{name}.parquet" for name in names)}
    images = 0
    for name in names:
        file = pq.ParquetFile(path / f"data/{name}.parquet", page_checksum_verification=True)
        whole = name.endswith("0-of-00002")
        groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
        assert groups == ([4, 2] if whole else [4])
        features = json.loads(file.schema_arrow.metadata[b"huggingface"])["info"]["features"]
        assert features["image"] == {"_type": "Image"}
        assert features["seed"] == {"dtype": "int64", "_type": "Value"}
        rows = file.read().to_pylist()
        assert list(features) == list(rows[0])
        for row in rows:
            assert row["image"]["path"].startswith(f"chest/{row['label']}/")
            assert row["image"]["bytes"] == (root / row["image"]["path"]).read_bytes()
            with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
                assert "trainedAlgorithmicMedia" in image.text["XML:com.adobe.xmp"]
        images += len(rows)
    assert images == 20


def test_large_images_make_small_row_groups(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xray_tui.dataset.export.formats.parquet._BYTES", 1)
    reviewed_dataset(root)
    export_dataset(root, tmp_path / "release", "parquet")
    file = pq.ParquetFile(tmp_path / "release/data/train-00000-of-00001.parquet")
    assert file.num_row_groups == 20


@pytest.mark.slow
def test_datasets_reads_every_row(path: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="pip install datasets")
    printed = printed_by(_LOAD, path, tmp_path / "cache")
    assert printed.strip() == str({"train": 10, "test": 10})
