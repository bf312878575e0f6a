"""Thumbnails of image files, created once and cached next to the catalog."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.pixels import UnreadableImageError, read_greyscale
from xray_tui.dataset.files.thumbnail_cache import Stamp, ThumbnailCache

SIDES = (96, 256, 512)
"""Pixels along the longer side, at most: enough for characters, for the pixels of a usual gallery,
and for those of large cells."""

_QUALITY = 92


class Thumbnails:
    """Thumbnails of image files, inside or outside the dataset ``root``. Usable from any thread.

    They are cached in a file of the dataset that can be deleted at any time. If the cache cannot be
    read or written, thumbnails are created again each time.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._cache = ThumbnailCache(root / layout.THUMBNAILS)

    def get(self, path: Path, pixels: int = 0) -> Image.Image:
        """A greyscale thumbnail (mode L) of the image, with one of :data:`SIDES`.

        Its longer side has ``pixels`` or more, unless the image or the largest thumbnail has fewer.

        Raises:
            UnreadableImageError: the image cannot be shown; the message says why.
            DatasetError: the image cannot be read now, or was deleted.
        """
        side = next((side for side in SIDES if side >= pixels), SIDES[-1])
        stamp = self._stamp(path, side)
        if stamp is None:
            return _create(path, side)  # raises an error that says what is wrong
        kept = self._cache.get(stamp)
        if isinstance(kept, str):
            raise UnreadableImageError(path, kept)
        thumbnail = None if kept is None else _decoded(kept, side)
        if thumbnail is None:
            thumbnail = self._create(path, stamp, side)
        return thumbnail

    def close(self) -> None:
        """Close the cache file."""
        self._cache.close()

    def _create(self, path: Path, stamp: Stamp, side: int) -> Image.Image:
        try:
            thumbnail = _create(path, side)
        except UnreadableImageError as error:
            self._cache.put(stamp, error.reason)
            raise
        self._cache.put(stamp, _encoded(thumbnail))
        return thumbnail

    def _stamp(self, path: Path, side: int) -> Stamp | None:
        """The stamp of the current version of this file; None if it cannot be read."""
        try:
            status = path.stat()
        except OSError:
            return None
        # a relative name: a dataset that is moved keeps its thumbnails
        name = path.relative_to(self._root) if path.is_relative_to(self._root) else path.absolute()
        kind = b"" if side == SIDES[0] else b"\0%d" % side  # no name has a zero byte
        return Stamp(os.fsencode(name) + kind, status.st_mtime_ns, status.st_size)


def _create(path: Path, side: int) -> Image.Image:
    image = read_greyscale(path)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _encoded(thumbnail: Image.Image) -> bytes:
    buffer = BytesIO()
    thumbnail.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _decoded(data: bytes, side: int) -> Image.Image | None:
    """The thumbnail in ``data``; None if ``data`` is not a valid thumbnail."""
    try:
        with JpegImageFile(BytesIO(data)) as image:
            if image.mode != "L" or max(image.size) > side:
                return None
            image.load()
            return image.copy()
    except Exception:  # decoders raise anything on invalid data
        return None
