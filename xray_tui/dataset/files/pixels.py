"""Image files read with care: a broken or a huge one ends in a sentence, not in a crash."""

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
    """What a file holds is no picture that can be shown, and will not be until it is replaced."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{clean(path.name)}: {reason}")
        self.reason = reason


def read_greyscale(path: Path) -> Image.Image:
    """The picture in ``path`` (PNG or JPEG) in 8-bit greys, mode L. Usable from any thread.

    Raises:
        UnreadableImageError: it cannot be shown; the message says why.
        DatasetError: it cannot be read now, or is gone.
    """
    try:
        _check(path)
        with path.open("rb") as file:
            return _decoded(file, path)
    except FileNotFoundError as error:
        raise DatasetError(f"{clean(path.name)}: the file is gone; was it moved?") from error
    except OSError as error:
        why = error.strerror or str(error)
        raise DatasetError(clean(f"{path.name}: cannot be read ({why})")) from error


def _check(path: Path) -> None:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise UnreadableImageError(path, "cannot be read (it is a folder)")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for a writer
        raise UnreadableImageError(path, "cannot be read (it is not a plain file)")
    if status.st_size > MAX_BYTES:
        raise UnreadableImageError(path, f"{status.st_size / 1e6:,.0f} MB, too large to show")


def _decoded(file: BinaryIO, path: Path) -> Image.Image:
    """The picture in an open file.

    Image.open would be another way, but it warns of many pixels, and what is done with a warning
    is one setting for all threads.
    """
    start = file.read(8)
    file.seek(0)
    reader = next((kind for mark, kind in _READERS.items() if start.startswith(mark)), None)
    if reader is None:
        raise UnreadableImageError(path, "not a PNG or JPEG image")
    try:
        with reader(file) as picture:
            width, height = picture.size
            if max(width, height) > MAX_SIDE:
                raise UnreadableImageError(path, f"{width} x {height} pixels, too large to show")
            return _greys(picture)
    except DatasetError:
        raise
    except MemoryError as error:
        raise DatasetError(f"{clean(path.name)}: not enough memory to show it") from error
    except OSError as error:
        if error.errno is not None:  # the disk's, not the decoder's
            raise
        raise UnreadableImageError(path, _DAMAGED) from error
    except Exception as error:  # whatever a decoder says to rubbish
        raise UnreadableImageError(path, _DAMAGED) from error


def _greys(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):  # 16 bits: convert would cut them off at 255
        return picture.convert("I").point(lambda value: value / 257).convert("L")
    return picture.convert("L")
