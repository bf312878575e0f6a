"""Small pictures of image files, made once and kept beside the catalog."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.pixels import UnreadableImageError, read_greyscale
from xray_tui.dataset.files.thumbnail_cache import Stamp, ThumbnailCache

SIDE = 96
"""Pixels along the longer side, at most."""

_QUALITY = 92


class Thumbnails:
    """Thumbnails for the dataset in ``root``, of its images or of others. Usable from any thread.

    They are kept in a file of the dataset that can be deleted at any time. Where it cannot be
    written or read, each thumbnail is made anew.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._cache = ThumbnailCache(root / layout.THUMBNAILS)

    def get(self, path: Path) -> Image.Image:
        """The picture in ``path`` in greys (mode L), at most :data:`SIDE` pixels wide and high.

        Raises:
            UnreadableImageError: there is no picture in it; the message says why.
            DatasetError: it cannot be read now, or is gone.
        """
        stamp = self._stamp(path)
        if stamp is None:
            return _made(path)  # and that says what is wrong
        kept = self._cache.get(stamp)
        if isinstance(kept, str):
            raise UnreadableImageError(path, kept)
        thumbnail = None if kept is None else _decoded(kept)
        if thumbnail is None:
            thumbnail = self._make(path, stamp)
        return thumbnail

    def close(self) -> None:
        """Close the file they are kept in."""
        self._cache.close()

    def _make(self, path: Path, stamp: Stamp) -> Image.Image:
        try:
            thumbnail = _made(path)
        except UnreadableImageError as error:
            self._cache.put(stamp, error.reason)
            raise
        self._cache.put(stamp, _encoded(thumbnail))
        return thumbnail

    def _stamp(self, path: Path) -> Stamp | None:
        """What tells this file, and each of its versions, from all others."""
        try:
            status = path.stat()
        except OSError:
            return None
        # a dataset that is moved as a whole keeps its thumbnails
        name = path.relative_to(self._root) if path.is_relative_to(self._root) else path.absolute()
        return Stamp(os.fsencode(name), status.st_mtime_ns, status.st_size)


def _made(path: Path) -> Image.Image:
    picture = read_greyscale(path)
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def _encoded(thumbnail: Image.Image) -> bytes:
    buffer = BytesIO()
    thumbnail.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _decoded(data: bytes) -> Image.Image | None:
    """The thumbnail in ``data``; None where it is none."""
    try:
        with JpegImageFile(BytesIO(data)) as picture:
            if picture.mode != "L" or max(picture.size) > SIDE:
                return None
            picture.load()
            return picture.copy()
    except Exception:  # whatever a decoder says to rubbish
        return None
