"""Files that are broken, missing, huge or no images: they say so wherever they are looked at."""

from __future__ import annotations

import asyncio
import os
import struct
import zlib
from pathlib import Path

import pytest
from support.review_datasets import save_images
from support.review_pilot import sitting

from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.review import image_list as review_list
from xray_tui.tui.review.compare import Compare

SAYS = (
    "it is damaged",
    "50000 x 50000 pixels, too large to show",
    "not a PNG or JPEG image",
    "the file is gone",
    "it is a folder",
)


def bomb(side: int) -> bytes:
    """A PNG of some hundred bytes that says it has ``side`` times ``side`` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def spoil(paths: list[Path]) -> None:
    """In the order of SAYS; the rest stays as it is."""
    broken, huge, text, missing, folder, *_ = paths
    broken.write_bytes(broken.read_bytes()[:-900])
    huge.write_bytes(bomb(50_000))
    text.write_text("patient moved, see the next one\n")
    missing.unlink()
    folder.unlink()
    folder.mkdir()


async def test_they_are_shown_as_such_and_stop_nothing(tmp_path: Path) -> None:
    root = tmp_path / "D"
    save_images(root, 7)
    paths = sorted(root.glob("*/*/*.png"))
    async with sitting(root, before=lambda: spoil(paths)) as anna:
        assert [root / row.file for row in anna.desk.index.rows(anna.ids)] == paths
        await anna.shows(
            "damaged)", "large to show", "not a PNG or", "gone; was it", "folder)", "▀▀▀"
        )
        await anna.press("enter")
        for says in SAYS:
            await anna.shows(says)
            await anna.press("p")
        await anna.shows("64×64 pixels", "6/7")
        assert anna.opinions() == dict.fromkeys(range(1, 6), Opinion("accepted"))
        await anna.press("escape", "g", "c", "c")
        assert len(anna.screen.query_one(Compare).items) == 4
        await anna.shows("it is damaged", "too large to show", "not a PNG or", "the file is gone")
        await anna.press("x", "z", "escape", "R", "nodule", "enter")
        (told,) = [one.message for one in anna.app._notifications if one.severity == "error"]
        assert "a broken PNG file" in told
        assert anna.desk.index.rows(anna.ids)[0].label == "effusion"


async def test_what_breaks_later_is_unreadable_for_filter_and_panel_until_it_is_mended(
    tmp_path: Path,
) -> None:
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-900])
    async with sitting(root) as anna:
        await anna.shows("damaged)", "checks    unreadable")
        await anna.press("slash", "check:unreadable", "enter")
        await anna.until(lambda: list(anna.screen.list.ids) == anna.ids[:1])
        first.write_bytes(whole)
        await anna.press("p")
        await anna.shows("checks    passed")
        assert anna.desk.index.rows(anna.ids[:1])[0].phash


async def test_what_only_the_loupe_finds_broken_is_unreadable_too(tmp_path: Path) -> None:
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    async with sitting(root) as anna:
        await anna.shows("checks    passed", "▀▀▀")
        await anna.until(lambda: not anna.app.workers)
        first.write_bytes(b"not an image any more")
        await anna.press("enter")
        await anna.shows("not a PNG or JPEG image", "checks    unreadable")
        await anna.press("escape", "slash", "check:unreadable", "enter")
        await anna.until(lambda: list(anna.screen.list.ids) == anna.ids[:1])


async def test_files_that_are_no_images_of_the_dataset_are_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(review_list, "_SETTLED", 0.1)
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    for name in ("a.png", "b.txt", "c.png", "d.png"):
        (first.parent / name).write_bytes(b"no image")
        os.utime(first.parent / name, (1e9, 1e9))
    (first.parent / "just-made.png").write_bytes(b"may be recorded in a moment")
    async with sitting(root) as anna:
        await anna.until(lambda: anna.said)
        folder = first.parent.relative_to(root).as_posix()
        assert anna.said == (
            f"4 files among the images, but not of this dataset: {folder}/a.png, {folder}/b.txt,"
            f" {folder}/c.png, …; xray-tui verify tells what they are"
        )
    async with sitting(root) as again:
        await asyncio.sleep(0.5)
        assert not again.said
