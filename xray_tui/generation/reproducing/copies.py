"""Saves images that were made again, each as a file with its own provenance."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from PIL import Image

from xray_tui.dataset.files import layout, png
from xray_tui.dataset.files.atomic import explained, write_new
from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError
from xray_tui.tasks import Task
from xray_tui.text import clean


class Copies:
    """The folder ``folder`` for images that were made again; it is created.

    Raises:
        DatasetError: images cannot be saved there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        name = clean(folder)
        with explained(folder):
            for parent in (folder.resolve(), *folder.resolve().parents):
                if layout.has_private_folder(parent):
                    raise DatasetError(
                        f"{name}: is in the dataset {clean(parent)}, which holds only images of "
                        "its own; choose a folder outside of it"
                    )
            if folder.exists() and not folder.is_dir():
                raise DatasetError(f"{name}: is a file; choose the name of a folder")
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise DatasetError(f"{name}: no permission to write to it; choose another folder")

    def save(self, name: str, image: Image.Image, task: Task, provenance: Provenance) -> Path:
        """Save ``image`` (mode L); if ``name`` is taken, a number is added. Returns the path.

        Raises:
            DatasetError: it cannot be saved.
        """
        data = png.encode(image, task, provenance)
        wanted = Path(name)
        for number in count(1):
            numbered = name if number == 1 else f"{wanted.stem}-{number}{wanted.suffix}"
            path = self._folder / numbered
            if write_new(path, [data]):
                break
        return path
