"""A picture for blind reading: its size, contrast and messages do not reveal its file."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from xray_tui.dataset.blind.normalising import normalise
from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.errors import DatasetError
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS


@dataclass(frozen=True)
class BlindPicture:
    """The image in ``path``, resized and contrast-normalised like all images of the session."""

    path: Path
    size: tuple[int, int]
    lasting: bool = True
    greys: int = MAX_GREYS

    @property
    def key(self) -> Hashable:
        return self.path, self.size

    def load(self) -> Image.Image:
        """Load the image.

        Raises:
            DatasetError: the image cannot be read. The message does not reveal the file.
        """
        try:
            return normalise(read_greyscale(self.path), self.size)
        except DatasetError:
            raise DatasetError("This image can no longer be read. Press → to continue.") from None
