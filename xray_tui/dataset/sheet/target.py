"""The file that a sheet is written to: what it may be, and its bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from xray_tui import __version__
from xray_tui.dataset.files import xmp
from xray_tui.dataset.files.atomic import explained, write_new, write_whole
from xray_tui.dataset.sheet.drawing import RESOLUTION
from xray_tui.environment import absolute
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted

PNG, PDF = ".png", ".pdf"
_JPEG_QUALITY = 95
"""Of the pages in a PDF file."""


@dataclass(frozen=True)
class About:
    """What the file says about itself."""

    title: str
    words: Sequence[str]
    """What it shows."""
    models: Sequence[str]


class Target:
    """The file ``path`` for a sheet of the dataset in ``root``. Nothing is written yet.

    With ``replace``, a file of this name is replaced.

    Raises:
        DatasetError: ``path`` cannot be the file of a sheet; the message says why.
    """

    def __init__(self, path: Path, root: Path, *, replace: bool) -> None:
        self.path = _absolute(path)
        self.is_pdf = self.path.suffix.lower() == PDF
        self._replace = replace
        with explained(self.path):
            self._check(root)

    def write_png(self, page: Image.Image, about: About) -> None:
        """Write ``page`` as a PNG file that is marked as synthetic.

        Raises:
            DatasetError: the file could not be written.
        """
        info = PngInfo()
        packet = xmp.sheet_packet(about.title, about.words, about.models, __version__)
        info.add_itxt(xmp.KEYWORD, packet)
        buffer = BytesIO()
        page.save(buffer, "PNG", pnginfo=info, dpi=(RESOLUTION, RESOLUTION))
        self._write(buffer.getvalue())

    def write_pdf(self, pages: Sequence[Image.Image], about: About) -> None:
        """Write ``pages`` as a PDF file, without a time: the same sheet is the same file.

        Raises:
            DatasetError: the file could not be written.
        """
        buffer = BytesIO()
        first, *others = pages
        first.save(
            buffer,
            "PDF",
            save_all=True,
            append_images=others,
            resolution=RESOLUTION,
            quality=_JPEG_QUALITY,
            title=about.title,
            subject=f"made by a trained model: {', '.join(map(clean, about.models))}",
            keywords=", ".join(("synthetic", *about.words)),
            creator=f"xray-tui {__version__}",
            creationDate=None,
            modDate=None,
        )
        self._write(buffer.getvalue())

    def _write(self, data: bytes) -> None:
        if self._replace:
            write_whole(self.path, [data])
        elif not write_new(self.path, [data]):
            raise DatasetError(_exists(self.path))

    def _check(self, root: Path) -> None:
        name, parent = clean(self.path), self.path.parent
        if self.path.suffix.lower() not in (PNG, PDF):
            raise DatasetError(f"{name}: a sheet is a .png or a .pdf file; give it such a name")
        if not parent.is_dir():
            raise DatasetError(f"{name}: there is no folder {clean(parent)}; create it first")
        here, dataset = parent.resolve(), root.resolve()
        if here == dataset or dataset in here.parents:
            raise DatasetError(f"{name}: is inside the dataset; choose a folder outside of it")
        if self.path.is_dir():
            raise DatasetError(f"{name}: is a folder; give the sheet another name")
        if os.path.lexists(self.path) and not self._replace:
            raise DatasetError(_exists(self.path))
        if not os.access(parent, os.W_OK | os.X_OK):
            raise DatasetError(
                f"{name}: no permission to create it in {clean(parent)}; choose another folder"
            )


def _exists(path: Path) -> str:
    return f"{clean(path)}: exists; give another name, or replace it with --force"


def _absolute(path: Path) -> Path:
    try:
        found = absolute(path)
        if found is None:
            raise DatasetError(f"{clean(path)}: the current folder was deleted; give a whole path")
        os.path.lexists(found)
    except ValueError as error:  # a NUL character, or one that the locale does not know
        raise DatasetError(f"{quoted(path, 200)} cannot be a file: {error}") from error
    return found
