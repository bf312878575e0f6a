"""Reads image files safely: a damaged or huge file gives an error message, not a crash."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

from xray_tui.errors import DatasetError
from xray_tui.text import clean

MAX_SIDE = 4096
MAX_BYTES = 64_000_000

_DAMAGED = "cannot be read (it is damaged)"
_READERS: dict[bytes, type[ImageFile.ImageFile]] = {
    b"\x89PNG\r\n\x1a\n": PngImageFile,
    b"\xff\xd8\xff": JpegImageFile,
}


class UnreadableImageError(DatasetError):
    """A file that cannot be shown as an image; trying again does not help until it is replaced."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{clean(path.name)}: {reason}")
        self.reason = reason


def read_greyscale(path: Path) -> Image.Image:
    """The image in ``path`` (PNG or JPEG) as 8-bit greyscale, mode L. Usable from any thread.

    Raises:
        UnreadableImageError: the image cannot be shown; the message says why.
        DatasetError: the image cannot be read now, or was deleted.
    """
    try:
        _check(path)
        with path.open("rb") as file:
            return _decoded(file, path)
    except FileNotFoundError as error:
        raise DatasetError(
            f"{clean(path.name)}: the file is gone; it may have been moved"
        ) from error
    except OSError as error:
        why = error.strerror or str(error)
        raise DatasetError(clean(f"{path.name}: cannot be read ({why})")) from error


def _check(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableImageError(path, "cannot be read (it is a folder)")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would block
        raise UnreadableImageError(path, "cannot be read (it is not a plain file)")
    if status.st_size > MAX_BYTES:
        raise UnreadableImageError(path, f"{status.st_size / 1e6:,.0f} MB, too large to show")


def _decoded(file: BinaryIO, path: Path) -> Image.Image:
    """The image in an open file.

    Image.open is not used because it warns about large images, and all threads share one setting
    for the handling of warnings.
    """
    start = file.read(8)
    file.seek(0)
    reader = next((kind for mark, kind in _READERS.items() if start.startswith(mark)), None)
    if reader is None:
        raise UnreadableImageError(path, "not a PNG or JPEG image")
    try:
        with reader(file) as image:
            width, height = image.size
            if max(width, height) > MAX_SIDE:
                raise UnreadableImageError(path, f"{width}×{height} pixels, too large to show")
            return _greyscale(image)
    except DatasetError:
        raise
    except MemoryError as error:
        raise DatasetError(f"{clean(path.name)}: not enough memory to show it") from error
    except OSError as error:
        if error.errno is not None:  # from the disk, not from the decoder
            raise
        raise UnreadableImageError(path, _DAMAGED) from error
    except Exception as error:  # decoders raise anything on invalid data
        raise UnreadableImageError(path, _DAMAGED) from error


def _greyscale(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits: convert() would clip them at 255
        return image.convert("I").point(lambda value: value / 257).convert("L")
    return image.convert("L")
