"""COCO's JSON: one annotation for each image, with its label as category."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.exports import export_dataset, files, reviewed_dataset

SPLITS = ("train", "validation", "test")


@pytest.fixture
def path(root: Path, tmp_path: Path) -> Path:
    reviewed_dataset(root)
    folder = tmp_path / "release"
    export_dataset(root, folder, "coco", shares=(60, 20, 20), size=(48, 32))
    return folder


def annotations(path: Path, split: str) -> Any:
    return json.loads((path / f"annotations/{split}.json").read_text())


def test_every_image_has_one_annotation(path: Path) -> None:
    numbers: list[int] = []
    for split in SPLITS:
        content = annotations(path, split)
        names = {one["id"]: one["name"] for one in content["categories"]}
        assert names == {1: "effusion", 2: "normal", 3: "pneumonia"}
        assert {one["supercategory"] for one in content["categories"]} == {"chest"}
        for image, one in zip(content["images"], content["annotations"], strict=True):
            assert (path / "images" / image["file_name"]).is_file()
            assert one["image_id"] == image["id"]
            assert image["file_name"].split("/")[:3:2] == [split, names[one["category_id"]]]
            assert one["bbox"] == [0, 0, image["width"], image["height"]] == [0, 0, 48, 32]
            numbers.append(image["id"])
    assert sorted(numbers) == list(range(1, 21))
    rows = [json.loads(line) for line in (path / "metadata.jsonl").read_text().splitlines()]
    others = {f"annotations/{split}.json" for split in SPLITS} | {"metadata.jsonl", "README.md"}
    assert {row["file_name"] for row in rows} == files(path) - others


def test_its_own_loader_finds_the_images_of_a_category(path: Path) -> None:
    coco = pytest.importorskip(
        "pycocotools.coco", reason="pip install '.[test]' brings pycocotools"
    )
    train = coco.COCO(str(path / "annotations/train.json"))
    found = 0
    for category in train.loadCats(train.getCatIds()):
        images = train.loadImgs(train.getImgIds(catIds=[category["id"]]))
        assert all(f"/{category['name']}/" in image["file_name"] for image in images)
        assert len(train.getAnnIds(catIds=[category["id"]], areaRng=[1, 10_000])) == len(images)
        found += len(images)
    assert found == len(train.getImgIds()) == 12


def test_the_check_finds_what_an_annotation_lacks(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xray_tui.dataset.export.formats.coco import Coco
    from xray_tui.errors import DatasetError

    reviewed_dataset(root)
    monkeypatch.setattr(Coco, "path", lambda _self, image: f"images/{image.record.id}.png")
    with pytest.raises(DatasetError, match="missing after the export"):
        export_dataset(root, tmp_path / "release", "coco")
