"""A picture of a blind reading: made like all the others, and silent about its file."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from xray_tui.dataset.blind.levelling import level
from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.errors import DatasetError
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS


@dataclass(frozen=True)
class BlindPicture:
    """The picture in ``path``, at the size of its session."""

    path: Path
    size: tuple[int, int]
    lasting: bool = True
    greys: int = MAX_GREYS

    @property
    def key(self) -> Hashable:
        return self.path, self.size

    def load(self) -> Image.Image:
        """The picture, made alike; a message about what is wrong would name the file."""
        try:
            return level(read_greyscale(self.path), self.size)
        except DatasetError:
            raise DatasetError("this picture cannot be read any more; → goes on") from None
