"""Exports: complete, marked, and continued after kills at any moment."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.exports import export_dataset, files
from support.kill_points import assert_killed, kill_this
from support.marks import without_mark

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.export.copying import Copier
from xray_tui.dataset.export.destination import MARKER, Destination
from xray_tui.dataset.files import png, xmp
from xray_tui.errors import DatasetError


def test_only_decides_which_images(root: Path, path: Path) -> None:
    numbers = {
        only: export_dataset(root, path, "imagefolder", only=only).facts.images
        for only in ("accepted", "not-rejected", "all")
    }
    assert numbers == {"accepted": 20, "not-rejected": 29, "all": 30}
    few = export_dataset(root, path, "imagefolder", only="all", query="label:effusion seed<9")
    assert few.facts.images == 3
    assert len([name for name in files(path) if name.endswith(".png")]) == 3  # replaced


def copies_of_all(path: Path) -> list[Path]:
    copies = list(path.glob("train/chest/*/*.png"))
    assert len(copies) == 30
    return copies


def test_images_are_the_same_files_with_the_mark(root: Path, path: Path) -> None:
    old = min(root.glob("chest/*/*.png"))
    old.write_bytes(without_mark(old.read_bytes()))
    assert not png.read(old).is_marked
    export_dataset(root, path, "imagefolder", only="all")
    for copy in copies_of_all(path):
        source = root / copy.relative_to(path / "train")
        assert png.read_pixels(copy).is_marked
        assert copy.stat().st_mtime_ns == source.stat().st_mtime_ns
        same = copy.read_bytes() == source.read_bytes()
        assert same == (source != old and png.read(copy).rating == 0)


def test_copies_have_the_ratings(root: Path, path: Path) -> None:
    dataset = Dataset(root)
    records = sorted(dataset.catalog.records(), key=lambda record: record.id)
    dataset.desk("ann").set_rating([records[-1].id], 4)
    dataset.close()
    for size in (None, (32, 32)):
        export_dataset(root, path, "imagefolder", only="all", size=size)
        copies = {record.id: path / "train" / record.file for record in records}
        texts = {number: Image.open(copy).text[xmp.KEYWORD] for number, copy in copies.items()}
        ratings = {number: xmp.rating_in(text) for number, text in texts.items()}
        assert ratings[records[-1].id] == 4
        assert sorted(ratings.values()) == [-1, *[0] * 28, 4]
    assert all(png.read(root / record.file).rating == 0 for record in records)  # not changed


def test_links_share_their_files_except_for_unmarked_ones(root: Path, path: Path) -> None:
    old = min(root.glob("chest/*/*.png"))
    old.write_bytes(without_mark(old.read_bytes()))
    export_dataset(root, path, "imagefolder", only="all", link=True)
    for copy in copies_of_all(path):
        source = root / copy.relative_to(path / "train")
        assert copy.samefile(source) == (source != old)
        assert png.read(copy).is_marked
    assert not png.read(old).is_marked  # the dataset is not changed


def test_scaled_images_keep_their_texts(root: Path, path: Path) -> None:
    export_dataset(root, path, "imagefolder", size=(48, 32))
    copies = list(path.glob("train/chest/*/*.png"))
    assert len(copies) == 20
    for copy in copies:
        with Image.open(copy) as image, Image.open(root / copy.relative_to(path / "train")) as old:
            assert (image.size, image.mode) == ((48, 32), "L")
            assert image.text == old.text and xmp.SYNTHETIC in image.text[xmp.KEYWORD]
            assert image.getpixel((0, 0)) == 0 and image.getextrema()[1] > 0
    row = json.loads((path / "train/metadata.jsonl").read_text().splitlines()[0])
    assert (row["width"], row["height"]) == (48, 32)


def test_the_card_has_the_numbers_and_a_command(root: Path, path: Path) -> None:
    facts = export_dataset(
        root, path, "imagefolder", shares=(80, 10, 10), seed=3, query="label:*"
    ).facts
    text = (path / "README.md").read_text()
    splits = facts.splits
    assert f"| **all** |  | {' | '.join(map(str, splits.values()))} | 20 |" in text
    assert "| ann | 20 |" in text and "rule for decisions is `latest`" in text
    assert "trainedAlgorithmicMedia" in text and "never for diagnosis" in text
    command = "export imagefolder DEST --only accepted --filter 'label:*' --reviewer ann"
    assert f"xray-tui {command} --split 80/10/10 --seed 3\n" in text
    assert not re.search(r"/(tmp|work|home|root)/", text)


def test_near_duplicates_of_images_never_examined_are_found(root: Path, path: Path) -> None:
    """Images of earlier versions have no hash before they are examined."""
    import sqlite3

    pictures = sorted(root.glob("chest/normal/*.png"))
    with sqlite3.connect(root / ".xray-tui/catalog.sqlite") as connection:
        connection.execute("UPDATE images SET phash = NULL")
    for picture in pictures:  # all normal images look the same now
        with Image.open(pictures[0]) as image:
            contents = png.read(picture)
            picture.write_bytes(png.encode(image, contents.task, contents.provenance))
    facts = export_dataset(root, path, "imagefolder", only="all", shares=(50, 50)).facts
    counts = {split: facts.counts["chest", "normal", split] for split in ("train", "test")}
    assert sorted(counts.values()) == [0, 10]


@pytest.mark.parametrize("moment", [0, 1, 7, 19, "table", "card", "finish"])
def test_after_a_kill_nothing_looks_finished_and_the_same_call_continues(
    root: Path, path: Path, moment: int | str
) -> None:
    def killed() -> None:
        copy, calls = Copier.copy, iter(range(1000))

        def counted(self: Copier, file: str, target: Path, rating: int) -> bool:
            if next(calls) == moment:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((self.root / file).read_bytes()[:100])  # cut off
                kill_this()
            return copy(self, file, target, rating)

        Copier.copy = counted  # type: ignore[method-assign]
        if moment == "card":
            sys.modules["xray_tui.dataset.export.exporting"].card = kill_this  # type: ignore[attr-defined]
        elif moment == "table":
            sys.modules["xray_tui.dataset.export.checking"].check = kill_this  # type: ignore[attr-defined]
        elif moment == "finish":
            Destination.finish = kill_this  # type: ignore[method-assign,assignment]
        export_dataset(root, path, "imagefolder", shares=(80, 10, 10))

    assert_killed(killed)
    assert not path.exists()
    done = export_dataset(root, path, "imagefolder", shares=(80, 10, 10))
    assert done.reused >= (moment - 4 if isinstance(moment, int) else 20)
    assert_complete(path, 20)
    assert [one.name for one in path.parent.iterdir() if one.name.startswith(".")] == []


def assert_complete(path: Path, images: int) -> None:
    """Every row has its image, and every image is intact and has a row."""
    listed = set()
    for table in path.glob("*/metadata.jsonl"):
        for line in table.read_text().splitlines():
            copy = table.parent / json.loads(line)["file_name"]
            assert png.read_pixels(copy).is_marked
            listed.add(copy)
    assert len(listed) == images
    assert listed == set(path.rglob("*.png"))


def test_what_another_request_left_is_not_used(root: Path, path: Path) -> None:
    part = Destination(path, root).part
    done = export_dataset(root, path, "imagefolder", size=(32, 32))
    path.rename(part)
    assert export_dataset(root, path, "imagefolder").reused == 0
    assert done.reused == 0
    assert_complete(path, 20)


@pytest.mark.parametrize("size", [None, (32, 32)])
def test_damaged_copies_and_copies_of_earlier_images_are_made_again(
    root: Path, path: Path, size: tuple[int, int] | None
) -> None:
    export_dataset(root, path, "imagefolder", size=size)
    damaged, earlier = sorted(path.glob("train/chest/*/*.png"))[:2]
    whole, old = damaged.read_bytes(), earlier.read_bytes()
    times = damaged.stat().st_atime_ns, damaged.stat().st_mtime_ns
    damaged.write_bytes(bytes(len(whole)))  # as after a power cut
    os.utime(damaged, ns=times)
    source = root / earlier.relative_to(path / "train")
    contents = png.read(source)
    image = Image.linear_gradient("L").resize((64, 64))
    source.write_bytes(png.encode(image, contents.task, contents.provenance))
    path.rename(Destination(path, root).part)
    assert export_dataset(root, path, "imagefolder", size=size).reused == 18
    assert damaged.read_bytes() == whole
    assert earlier.read_bytes() != old
    if size is None:
        assert earlier.read_bytes() == source.read_bytes()


def test_images_relabelled_since_an_interruption_are_not_left_behind(
    root: Path, path: Path
) -> None:
    export_dataset(root, path, "imagefolder")
    path.rename(Destination(path, root).part)
    dataset = Dataset(root)
    ids = [record.id for record in dataset.catalog.records() if record.label == "normal"]
    assert dataset.desk("ann").relabel(ids, "nodule") == 10
    dataset.close()
    export_dataset(root, path, "imagefolder")
    assert_complete(path, 20)
    assert sorted(one.name for one in (path / "train/chest").iterdir()) == [
        "effusion",
        "nodule",
        "pneumonia",
    ]


@pytest.mark.parametrize("damage", ["missing", "cut", "bit"])
def test_a_bad_image_is_named_and_nothing_is_exported(root: Path, path: Path, damage: str) -> None:
    picture = max(root.glob("chest/pneumonia/*.png"))
    data = bytearray(picture.read_bytes())
    if damage == "missing":
        picture.unlink()
    elif damage == "cut":
        picture.write_bytes(data[:-20])
    else:
        data[-30] ^= 1
        picture.write_bytes(data)
    with pytest.raises(DatasetError, match=f"{picture.name}.*verify --repair"):
        export_dataset(root, path, "imagefolder", only="all")
    assert not path.exists()


def test_the_marker_counts_the_files(root: Path, path: Path) -> None:
    export_dataset(root, path, "imagefolder")
    content = json.loads((path / MARKER).read_text())
    assert content["files"] == len(files(path)) == 22
    assert content["request"]["format"] == "imagefolder"
