"""Reading image files: valid images become greyscale, other files give an error message."""

from __future__ import annotations

import io
import os
import struct
import threading
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.preview_samples import gradient

from xray_tui.dataset.files.pixels import MAX_SIDE, UnreadableImageError, read_greyscale
from xray_tui.errors import DatasetError


def test_images_are_read_as_greyscale(tmp_path: Path) -> None:
    for name, image in {
        "l.png": gradient(),
        "rgb.jpg": gradient().convert("RGB"),
        "rgba.png": gradient().convert("RGBA"),
        "p.png": gradient().convert("P"),
        "one.png": gradient().convert("1"),
        "deep.png": Image.fromarray(np.asarray(gradient(), dtype=np.uint16) * 257),
    }.items():
        image.save(tmp_path / name)
        read = read_greyscale(tmp_path / name)
        assert (read.mode, read.size) == ("L", (64, 64))
        if name != "one.png":
            assert np.abs(np.asarray(read, int) - np.asarray(gradient(), int)).mean() < 2, name


def encoded(form: str, image: Image.Image | None = None) -> bytes:
    buffer = io.BytesIO()
    (image or gradient()).save(buffer, form)
    return buffer.getvalue()


def with_header(width: int, height: int) -> bytes:
    """A small PNG whose header claims this size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return WHOLE[:12] + body + struct.pack(">I", zlib.crc32(body)) + WHOLE[33:]


WHOLE = encoded("PNG")
BAD = {
    "empty.png": (b"", "not a PNG or JPEG"),
    "text.png": (b"hello", "not a PNG or JPEG"),
    "tiff.png": (encoded("TIFF"), "not a PNG or JPEG"),
    "gif.jpg": (encoded("GIF"), "not a PNG or JPEG"),
    "cut.png": (WHOLE[: len(WHOLE) // 2], "damaged"),
    "head.png": (WHOLE[:40], "damaged"),
    "mark.png": (WHOLE[:8], "damaged"),
    "cut.jpg": (encoded("JPEG")[:-200], "damaged"),
    "head.jpg": (encoded("JPEG")[:30], "damaged"),
    "changed.png": (WHOLE[:60] + b"\0\0\0\0" + WHOLE[64:], "damaged"),
    "wide.png": (encoded("PNG", Image.new("1", (MAX_SIDE + 1, 1))), "4097×1 pixels, too large"),
    "bomb.png": (with_header(60_000, 60_000), "60000×60000 pixels, too large"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("error")
def test_files_without_an_image_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableImageError, match=reason) as error:
        read_greyscale(tmp_path / name)
    assert str(error.value) == f"{name}: {error.value.reason}"


@pytest.mark.filterwarnings("error")
def test_a_small_file_with_a_large_image_is_read(tmp_path: Path) -> None:
    Image.new("L", (MAX_SIDE, MAX_SIDE // 16)).save(tmp_path / "large.png")
    assert read_greyscale(tmp_path / "large.png").size == (MAX_SIDE, MAX_SIDE // 16)


def test_a_huge_file_is_not_opened(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(UnreadableImageError, match="100 MB, too large"):
        read_greyscale(tmp_path / "huge.png")


def test_folders_and_pipes_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    for name, reason in {"folder.png": "it is a folder", "pipe.png": "not a plain file"}.items():
        with pytest.raises(UnreadableImageError, match=reason):
            read_greyscale(tmp_path / name)


def test_a_file_that_cannot_be_opened_is_not_called_permanently_unreadable(tmp_path: Path) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    for name, reason in {
        "missing.png": "gone",
        "loop.png": "symbolic links",
        f"{'x' * 300}.png": "name too long",
    }.items():
        with pytest.raises(DatasetError, match=reason) as error:
            read_greyscale(tmp_path / name)
        assert not isinstance(error.value, UnreadableImageError)


def test_file_names_in_errors_are_safe_to_print(tmp_path: Path) -> None:
    for name in ("a\x1b[31m.png", "b\udcff.png"):
        (tmp_path / name).write_bytes(b"x")
        with pytest.raises(UnreadableImageError) as error:
            read_greyscale(tmp_path / name)
        str(error.value).encode()
        assert str(error.value).isprintable()


def test_threads_do_not_change_warning_filters(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(with_header(12_000, 12_000))
    before = list(warnings.filters)

    def read() -> None:
        for _ in range(50):
            with pytest.raises(UnreadableImageError):
                read_greyscale(tmp_path / "bomb.png")

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before
