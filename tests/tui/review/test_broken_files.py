"""Files that are damaged, missing, huge or not images: every view says so and keeps working."""

from __future__ import annotations

import asyncio
import os
import shlex
import struct
import zlib
from pathlib import Path

import pytest
from support.advice import advised
from support.review_datasets import save_images
from support.review_pilot import open_review
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.review import frame
from xray_tui.tui.review.compare import Compare

MESSAGES = (
    "it is damaged",
    "50000×50000 pixels, too large to show",
    "not a PNG or JPEG image",
    "the file is gone",
    "it is a folder",
)


def bomb(side: int) -> bytes:
    """A PNG of a few hundred bytes whose header claims ``side`` times ``side`` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    body = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def damage(paths: list[Path]) -> None:
    """Damage the first files so that they cause the errors in MESSAGES, in that order."""
    broken, huge, text, missing, folder, *_ = paths
    broken.write_bytes(broken.read_bytes()[:-900])
    huge.write_bytes(bomb(50_000))
    text.write_text("patient moved, see the next one\n")
    missing.unlink()
    folder.unlink()
    folder.mkdir()


async def test_each_view_shows_why_an_image_is_missing_and_keys_still_work(tmp_path: Path) -> None:
    root = tmp_path / "D"
    save_images(root, 7)
    paths = sorted(root.glob("*/*/*.png"))
    async with open_review(root, before=lambda: damage(paths)) as anna:
        assert [root / row.file for row in anna.desk.index.rows(anna.ids)] == paths
        await anna.shows(
            "damaged)", "large to show", "not a PNG or", "gone; it may", "folder)", "▌"
        )
        await anna.press("enter")
        for message in MESSAGES:
            await anna.shows(message)
            await anna.press("p")
        await anna.shows("64×64 pixels", "6/7")
        assert anna.opinions() == dict.fromkeys(range(1, 6), Opinion("accepted"))
        await anna.press("escape", "home", "c", "c")
        assert len(anna.screen.query_one(Compare).items) == 4
        await anna.shows("it is damaged", "too large to show", "not a PNG or", "the file is gone")
        await anna.press("x", "z", "escape", "R", "nodule", "enter")
        await anna.shows("0 moved, 1 not moved", "a broken PNG")  # the dialog stays open
        assert anna.desk.index.rows(anna.ids)[0].label == "effusion"


async def test_a_file_damaged_later_counts_as_unreadable_until_it_is_repaired(
    tmp_path: Path,
) -> None:
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    whole = first.read_bytes()
    first.write_bytes(whole[:-900])
    async with open_review(root) as anna:
        await anna.shows("damaged)", "checks    unreadable")
        await anna.press("slash", "check:unreadable", "enter")
        await anna.until(lambda: list(anna.screen.images.ids) == anna.ids[:1])
        first.write_bytes(whole)
        await anna.press("p")
        await anna.shows("checks    passed")
        assert anna.desk.index.rows(anna.ids[:1])[0].phash


async def test_a_file_that_only_the_loupe_finds_damaged_counts_as_unreadable(
    tmp_path: Path,
) -> None:
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    async with open_review(root) as anna:
        await anna.shows("checks    passed", "▌")
        await anna.until(lambda: not anna.app.workers)
        first.write_bytes(b"not an image any more")
        await anna.press("enter")
        await anna.shows("not a PNG or JPEG image", "checks    unreadable")
        await anna.press("escape", "slash", "check:unreadable", "enter")
        await anna.until(lambda: list(anna.screen.images.ids) == anna.ids[:1])


async def test_foreign_files_among_the_images_are_reported_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frame, "_FOREIGN_FILES_DELAY", 0.1)
    root = tmp_path / "D"
    save_images(root, 4)
    first, *_ = sorted(root.glob("*/*/*.png"))
    for name in ("a.png", "b.txt", "c.png", "d.png"):
        (first.parent / name).write_bytes(b"no image")
        os.utime(first.parent / name, (1e9, 1e9))
    (first.parent / "just-saved.png").write_bytes(b"may still be recorded")
    async with open_review(root) as anna:
        await anna.until(lambda: anna.toasts)
        folder = first.parent.relative_to(root).as_posix()
        assert anna.toasts == (
            f"4 files among the images do not belong to this dataset: {folder}/a.png, "
            f"{folder}/b.txt, {folder}/c.png, …; for details: xray-tui verify --dataset {root}"
        )
        advised("; for details: ", anna.toasts)
    line = anna.toasts.rpartition(": ")[2]
    details = CliRunner().invoke(app, shlex.split(line)[1:]).output
    assert f"{folder}/d.png: " in details  # the toast does not name it
    async with open_review(root) as again:
        await asyncio.sleep(0.5)
        assert not again.toasts
