"""Sources of pictures: a file, or the sampler while it works."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS


class Source(Protocol):
    """A picture that can be loaded off the UI thread."""

    @property
    def key(self) -> Hashable:
        """Equal for the same picture, and for all frames of the live preview."""

    @property
    def lasting(self) -> bool:
        """Whether the same key always means the same picture, so that drawings can be kept."""

    @property
    def greys(self) -> int:
        """Grey levels worth sending."""

    def load(self) -> Image.Image:
        """The picture in mode L.

        Raises:
            DatasetError: the picture cannot be loaded; the message says why.
        """


@dataclass(frozen=True)
class FilePicture:
    """A picture in a file."""

    path: Path
    lasting: bool = True
    greys: int = MAX_GREYS

    @property
    def key(self) -> Hashable:
        return self.path

    def load(self) -> Image.Image:
        return read_greyscale(self.path)


@dataclass(frozen=True, eq=False)
class LivePicture:
    """One frame of the live preview: ``width * height`` grey levels."""

    width: int
    height: int
    pixels: bytes
    lasting: bool = False
    greys: int = MAX_GREYS

    @property
    def key(self) -> Hashable:
        return "live"

    def load(self) -> Image.Image:
        return Image.frombytes("L", (self.width, self.height), self.pixels)
