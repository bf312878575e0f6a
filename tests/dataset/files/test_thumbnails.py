"""Thumbnails: cached, updated with their file, and created even if the cache cannot be used."""

from __future__ import annotations

import os
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.radiographs import radiograph

from xray_tui.dataset.files import layout, thumbnail_cache, thumbnails
from xray_tui.dataset.files.pixels import UnreadableImageError
from xray_tui.dataset.files.thumbnails import SIDES, Thumbnails
from xray_tui.errors import DatasetError


@pytest.fixture
def cache(root: Path) -> Path:
    """The cache file."""
    (root / layout.PRIVATE).mkdir(parents=True)
    return root / layout.THUMBNAILS


@pytest.fixture
def kept(root: Path, cache: Path) -> Iterator[Thumbnails]:
    opened = Thumbnails(root)
    yield opened
    opened.close()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read, in order."""
    paths: list[Path] = []
    read = thumbnails.read_greyscale

    def noting(path: Path) -> Image.Image:
        paths.append(path)
        return read(path)

    monkeypatch.setattr(thumbnails, "read_greyscale", noting)
    return paths


def save(path: Path, number: int = 1, size: tuple[int, int] = (256, 256)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    radiograph(number).resize(size).save(path)
    return path


def looks_like(thumbnail: Image.Image, number: int) -> bool:
    whole = radiograph(number).resize(thumbnail.size, Image.Resampling.BOX)
    return bool(np.abs(np.asarray(thumbnail, int) - np.asarray(whole, int)).mean() < 4)


def test_a_thumbnail_is_created_once(root: Path, kept: Thumbnails, decoded: list[Path]) -> None:
    path = save(root / "chest/normal/a.png")
    first, second = kept.get(path), kept.get(path)
    for thumbnail in (first, second):
        assert (thumbnail.mode, thumbnail.size) == ("L", (96, 96))
        assert looks_like(thumbnail, 1) and not looks_like(thumbnail, 2)
    again = Thumbnails(root)
    assert again.get(path).tobytes() == second.tobytes()
    again.close()
    assert decoded == [path]


def test_proportions_are_kept_and_nothing_is_enlarged(root: Path, kept: Thumbnails) -> None:
    for size, expected in (
        ((200, 100), (96, 48)),
        ((50, 300), (16, 96)),
        ((40, 30), (40, 30)),
        ((2000, 2), (96, 1)),
    ):
        path = save(root / f"{size[0]}.png", size=size)
        assert kept.get(path).size == kept.get(path).size == expected


def test_each_size_is_created_once_and_large_enough(
    root: Path, kept: Thumbnails, decoded: list[Path]
) -> None:
    path = save(root / "a.png", size=(600, 300))
    for pixels, expected in ((0, 96), (96, 96), (97, 256), (256, 256), (300, 512), (2000, 512)):
        for _ in range(2):
            thumbnail = kept.get(path, pixels)
            assert thumbnail.size == (expected, expected // 2) and looks_like(thumbnail, 1)
    assert decoded == [path] * len(SIDES)
    save(path, 2)
    assert all(looks_like(kept.get(path, side), 2) for side in SIDES)


def test_a_changed_file_gets_a_new_thumbnail(root: Path, kept: Thumbnails) -> None:
    path = save(root / "a.png", 1)
    assert looks_like(kept.get(path), 1)
    save(path, 2)
    assert looks_like(kept.get(path), 2)
    status = path.stat()
    save(path, 3)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))  # only its size differs
    assert path.stat().st_size != status.st_size
    assert looks_like(kept.get(path), 3)


def test_a_moved_dataset_keeps_its_thumbnails(
    root: Path, kept: Thumbnails, decoded: list[Path], tmp_path: Path
) -> None:
    inside = save(root / "chest/normal/a.png", 1)
    outside = save(tmp_path / "a.png", 2)
    assert looks_like(kept.get(inside), 1) and looks_like(kept.get(outside), 2)
    moved = root.rename(tmp_path / "moved")
    there = Thumbnails(moved)
    assert looks_like(there.get(moved / "chest/normal/a.png"), 1)
    assert looks_like(there.get(outside), 2)
    there.close()
    assert decoded == [inside, outside]


def test_an_unreadable_image_is_refused_again_without_reading_it(
    root: Path, kept: Thumbnails, decoded: list[Path]
) -> None:
    path = root / "a.png"
    path.write_bytes(b"hello")
    messages = []
    for _ in range(2):
        with pytest.raises(UnreadableImageError) as error:
            kept.get(path)
        messages.append(str(error.value))
    assert messages == ["a.png: not a PNG or JPEG image"] * 2
    assert decoded == [path]
    save(path)
    assert looks_like(kept.get(path), 1)


def test_a_file_that_cannot_be_opened_is_tried_again(
    root: Path, kept: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DatasetError, match="gone"):
        kept.get(root / "a.png")
    path = save(root / "a.png")

    def fails(self: Path, mode: str) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fails)
        with pytest.raises(DatasetError, match="Input/output error"):
            kept.get(path)
    assert looks_like(kept.get(path), 1)


# ---- a damaged or unusable cache -----------------------------------------------------------------


def not_a_database(cache: Path) -> None:
    cache.write_bytes(b"rubbish" * 1000)


def of_another_version(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("ALTER TABLE thumbnails RENAME COLUMN content TO image")
        connection.execute("PRAGMA user_version = 77")
    connection.close()


def without_table(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("DROP TABLE thumbnails")
    connection.close()


def with_damaged_content(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("UPDATE thumbnails SET content = zeroblob(999)")
    connection.close()


def with_wrong_type(cache: Path) -> None:
    with sqlite3.connect(cache) as connection:
        connection.execute("UPDATE thumbnails SET content = 7")
    connection.close()


def cut_off(cache: Path) -> None:
    os.truncate(cache, 5000)


@pytest.mark.parametrize(
    "damage",
    [not_a_database, of_another_version, without_table, with_damaged_content, with_wrong_type,
     cut_off, Path.unlink],
)  # fmt: skip
def test_a_broken_cache_is_replaced(
    root: Path, cache: Path, decoded: list[Path], damage: Callable[[Path], None]
) -> None:
    path = save(root / "a.png")
    first = Thumbnails(root)
    first.get(path)
    first.close()
    damage(cache)
    for expected in (2, 2):  # created once more, then cached
        opened = Thumbnails(root)
        assert looks_like(opened.get(path), 1)
        opened.close()
        assert len(decoded) == expected


def test_a_cache_deleted_while_open_is_created_again(
    root: Path, cache: Path, kept: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_cache, "_RETRY_AFTER", 0)
    for number in range(3):
        kept.get(save(root / f"{number}.png", number))
        if number == 0:
            cache.unlink()
    assert cache.exists()
    assert looks_like(kept.get(root / "2.png"), 2)


def test_thumbnails_work_without_a_cache(root: Path, cache: Path, decoded: list[Path]) -> None:
    cache.mkdir()
    opened = Thumbnails(root)
    path = save(root / "a.png")
    assert looks_like(opened.get(path), 1) and looks_like(opened.get(path), 1)
    opened.close()
    assert len(decoded) == 2


def test_on_a_full_disk_the_cache_is_still_read(
    root: Path, kept: Thumbnails, decoded: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = save(root / "1.png", 1)
    others = [save(root / f"{number}.png", number) for number in range(2, 6)]
    kept.get(one)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        for number, path in enumerate(others, 2):
            assert looks_like(kept.get(path), number)
        assert looks_like(kept.get(one), 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert decoded == [one, *others]
    monkeypatch.setattr(kept._cache, "_retry_at", {})  # some seconds later
    kept.get(others[-1])
    kept.get(others[-1])
    assert decoded == [one, *others, others[-1]]


def test_a_cache_locked_by_another_process_is_skipped(
    root: Path, cache: Path, kept: Thumbnails, decoded: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_cache, "_TIMEOUT", 0.01)
    path = save(root / "a.png")
    other = sqlite3.connect(cache, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert looks_like(kept.get(path), 1)
    other.execute("ROLLBACK")
    other.close()
    assert not thumbnail_cache._DAMAGED & {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    assert cache.exists()
    assert looks_like(kept.get(path), 1) and len(decoded) == 2


def test_the_cache_does_not_grow_without_limit(
    root: Path, cache: Path, kept: Thumbnails, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnail_cache, "MAX_BYTES", 40_000)
    monkeypatch.setattr(thumbnail_cache, "_CHECK_SIZE_EVERY", 1)
    path = save(root / "a.png", size=(96, 96))
    for number in range(80):
        os.utime(path, ns=(0, number))
        copy = root / f"{number}.png"
        copy.hardlink_to(path)
        kept.get(copy)
    assert 20_000 < cache.stat().st_size < 60_000


def test_threads_share_one_cache(root: Path, kept: Thumbnails) -> None:
    paths = [save(root / f"{number}.png", number, (128, 128)) for number in range(12)]
    wrong: list[int] = []

    def look() -> None:
        for number, path in enumerate(paths):
            if not looks_like(kept.get(path), number):
                wrong.append(number)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
