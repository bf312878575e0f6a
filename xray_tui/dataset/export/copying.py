"""Copies one image of the dataset into an export."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from xray_tui.commands import command
from xray_tui.dataset.files import png, xmp
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.png_chunks import SIGNATURE, chunk, chunks
from xray_tui.errors import DatasetError

_SYNTHETIC = xmp.SYNTHETIC.encode()
_RATING = b"<xmp:Rating>"
_PIXELS = (b"IHDR", b"IDAT", b"IEND")
"""The chunks of a greyscale PNG that make its pixels; the others are texts."""


@dataclass(frozen=True)
class Copier:
    """Copies images of the dataset in ``root``. Usable from several threads at once.

    Every file keeps its texts and is marked as synthetic, with its rating: the mark is added to
    images of versions that did not write it. With ``size``, width and height, images are scaled to
    fit, with a black border where their shape differs. With ``link``, files are hard links, except
    for those that had no mark, and their ratings are those that the files have.
    """

    root: Path
    size: tuple[int, int] | None = None
    link: bool = False

    def copy(self, file: str, target: Path, rating: int) -> bool:
        """Make the file ``target`` of the image ``file``; its folder is created.

        ``rating`` is that of :func:`xmp.rating_for`.

        Returns False if ``target`` was there already, as an interrupted export left it. What was
        written is read again and compared.

        Raises:
            DatasetError: the image is missing or broken, or ``target`` cannot be written.
        """
        status, data = self._intact(file)
        source = self.root / file
        links = self.link and _SYNTHETIC in data
        if not links and not _says(data, rating):
            data = png.marked(source, rating)
        with explained(target):
            if os.path.lexists(target):
                found, there = _read(str(target))
                if links:
                    is_done = os.path.samestat(found, status)
                elif self.size is None:
                    is_done = there == data
                else:
                    is_done = _is_intact(there) and _says(there, rating)
                if is_done and found.st_mtime_ns == status.st_mtime_ns:
                    return False
                target.unlink()
            elif not os.path.isdir(target.parent):  # noqa: PTH112 - of many thousand files
                target.parent.mkdir(parents=True, exist_ok=True)
            if links:
                target.hardlink_to(source)
                return True
            wanted = data if self.size is None else scaled(data, self.size)
            if _written(str(target), wanted) != wanted:
                raise DatasetError(f"{target}: differs from what was written; check the disk")
            # Last, as the same time says that the file is complete.
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
        return True

    def contents(self, file: str, rating: int) -> bytes:
        """The contents of a copy of the image ``file``, with its rating as in :meth:`copy`.

        Raises:
            DatasetError: the image is missing or broken.
        """
        _, data = self._intact(file)
        if not _says(data, rating):
            data = png.marked(self.root / file, rating)
        return data if self.size is None else scaled(data, self.size)

    def _intact(self, file: str) -> tuple[os.stat_result, bytes]:
        """The status and the contents of the image ``file``.

        Raises:
            DatasetError: it is missing or broken.
        """
        source = self.root / file
        try:
            with explained(source):
                status, data = _read(str(source))
        except DatasetError as error:
            if source.exists():
                raise
            raise DatasetError(
                f"{source}: is missing, as somebody moved or deleted it; repair the dataset, then "
                f"export again: {command('verify', '--repair', dataset=self.root)}"
            ) from error
        if not _is_intact(data):
            raise DatasetError(
                f"{source}: is broken; repair the dataset, then export again: "
                f"{command('verify', '--repair', dataset=self.root)}"
            )
        return status, data


def _read(path: str) -> tuple[os.stat_result, bytes]:
    """The status and the contents of a file; faster than :class:`pathlib.Path`."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return os.fstat(file.fileno()), file.readall()


def _written(path: str, data: bytes) -> bytes:
    """Write ``data`` to the new file ``path``; returns what it contains then."""
    with open(path, "x+b", buffering=0) as file:  # noqa: PTH123
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        file.seek(0)
        return file.readall()


def scaled(data: bytes, size: tuple[int, int]) -> bytes:
    """The PNG file ``data`` with its pixels scaled to fit ``size``, and the same texts."""
    from PIL import Image, ImageOps

    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        resized = ImageOps.pad(image.convert("L"), size, Image.Resampling.LANCZOS)
    buffer = BytesIO()
    resized.save(buffer, "PNG")
    new = dict[bytes, bytes]()
    for kind, body in chunks(buffer.getvalue()):
        new[kind] = new.get(kind, b"") + body
    texts = [chunk(kind, body) for kind, body in chunks(data) if kind not in _PIXELS]
    return b"".join(
        (
            SIGNATURE,
            chunk(b"IHDR", new[b"IHDR"]),
            *texts,
            chunk(b"IDAT", new[b"IDAT"]),
            chunk(b"IEND", b""),
        )
    )


def _says(data: bytes, rating: int) -> bool:
    """Whether the file ``data`` is marked as synthetic, and says the rating if there is one."""
    return _SYNTHETIC in data and (
        xmp.rating_element(rating).encode() in data or (not rating and _RATING not in data)
    )


def _is_intact(data: bytes) -> bool:
    """Whether ``data`` is a whole PNG file whose checksums are right."""
    if not data.startswith(SIGNATURE):
        return False
    try:
        kinds: Iterator[bytes] = (kind for kind, _ in chunks(data))
        return b"IDAT" in list(kinds)
    except (ValueError, struct.error):
        return False
