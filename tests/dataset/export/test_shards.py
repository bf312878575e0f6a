"""Shards: whole or not there, kept if they would become the same, made again otherwise."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from PIL import Image
from support.exports import export_dataset, files
from support.kill_points import assert_killed, kill_this

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.export.copying import Copier
from xray_tui.dataset.export.destination import Destination
from xray_tui.dataset.export.exporting import Summary
from xray_tui.dataset.export.formats.webdataset import WebDataset
from xray_tui.errors import DatasetError


def export(root: Path, path: Path, **changes: object) -> Summary:
    """20 images: five shards of train and two of test."""
    return export_dataset(root, path, "webdataset", shares=(70, 30), shard_size=3, **changes)


def kill_at(root: Path, path: Path, moment: int | str) -> None:
    """Export in a process that is killed at an image, or before the end."""

    def killed() -> None:
        contents, calls = Copier.contents, iter(range(1000))

        def counted(self: Copier, *arguments: object) -> bytes:
            return kill_this() if next(calls) == moment else contents(self, *arguments)  # type: ignore

        Copier.contents = counted  # type: ignore[method-assign,assignment]
        if moment == "end":
            Destination.finish = kill_this  # type: ignore[method-assign,assignment]
        export(root, path)

    assert_killed(killed)


def assert_same(path: Path, other: Path) -> None:
    """Two exports have the same files, and the same bytes in their shards."""
    assert files(path) == files(other)
    shards = list(path.glob("*.tar"))
    assert shards
    for shard in shards:
        assert shard.read_bytes() == (other / shard.name).read_bytes()


@pytest.mark.parametrize(("moment", "reused"), [(0, 0), (7, 6), (19, 18), ("end", 0)])
def test_after_a_kill_nothing_looks_finished_and_whole_shards_are_kept(
    root: Path, path: Path, tmp_path: Path, moment: int | str, reused: int
) -> None:
    kill_at(root, path, moment)
    assert not path.exists()
    assert export(root, path).reused == reused
    export(root, tmp_path / "other")
    assert_same(path, tmp_path / "other")
    assert len(files(path)) == 8
    assert [one.name for one in path.glob(".*")] == [".xray-tui-export.json"]


@pytest.mark.parametrize("change", ["label", "rating", "image", "shard", "removed"])
def test_a_shard_that_would_become_another_is_made_again(
    root: Path, path: Path, tmp_path: Path, change: str
) -> None:
    kill_at(root, path, 19)
    part = Destination(path, root).part
    shard = min(part.glob("*.tar"))
    dataset = Dataset(root)
    record = next(one for one in dataset.catalog.records() if one.id == 2)
    if change == "label":
        dataset.desk("ann").relabel([record.id], "nodule")
    elif change == "rating":
        dataset.desk("ann").set_rating([record.id], 4)
    elif change == "image":
        (root / record.file).touch()
    elif change == "shard":
        shard.write_bytes(bytes(shard.stat().st_size))
    else:
        shard.unlink()
    dataset.close()
    # A label changes the split and the numbers of the classes; the others, the shard alone.
    assert export(root, path).reused == (0 if change == "label" else 15)
    export(root, tmp_path / "other")
    assert_same(path, tmp_path / "other")


def test_memory_holds_few_images(root: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images are read as the shard is written, not before."""
    monkeypatch.setattr("xray_tui.dataset.export.shards_writer._AT_ONCE", 2)
    contents, pack = Copier.contents, WebDataset.pack
    ahead, most = 0, 0

    def read(self: Copier, *arguments: object) -> bytes:
        nonlocal ahead, most
        ahead += 1
        most = max(most, ahead)
        return contents(self, *arguments)  # type: ignore[arg-type]

    def packed(self: object, images: object) -> object:
        def counted() -> object:
            nonlocal ahead
            for image in images:  # type: ignore[attr-defined]
                ahead -= 1
                yield image

        return pack(self, counted())  # type: ignore[arg-type]

    monkeypatch.setattr(Copier, "contents", read)
    monkeypatch.setattr(WebDataset, "pack", packed)
    export_dataset(root, path, "webdataset")
    assert most == 2


def test_what_the_disk_changes_is_found(
    root: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xray_tui.dataset.export.checking.digest", lambda _: "other")
    with pytest.raises(DatasetError, match="differs from what was written"):
        export(root, path)
    assert not path.exists()


def test_scaled_images_are_packed(root: Path, path: Path) -> None:
    export(root, path, size=(48, 32))
    with tarfile.open(path / "train-000000.tar") as tar:
        file = tar.extractfile(tar.getnames()[2])
        assert file is not None
        with Image.open(file) as image:
            assert image.size == (48, 32) and "XML:com.adobe.xmp" in image.text
