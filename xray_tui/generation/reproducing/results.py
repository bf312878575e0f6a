"""What came of making an image again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xray_tui.errors import XrayTuiError
from xray_tui.generation.reproducing.comparing import Difference, Distance
from xray_tui.text import clean


@dataclass(frozen=True)
class Reproduced:
    """An image that was made again."""

    path: Path
    distance: Distance
    differences: tuple[Difference, ...]
    """What was not as the file records it, whether it changed a pixel or not."""
    saved: Path | None
    """The file of the new image, if it was to be saved."""

    @property
    def is_identical(self) -> bool:
        """Whether each pixel is the same."""
        return self.distance.pixels == 0


@dataclass(frozen=True)
class Failed:
    """An image that could not be made again."""

    path: Path
    message: str
    """Why, without the name of the file; safe to show."""


def failed(path: Path, error: XrayTuiError) -> Failed:
    """The failure of ``path`` with ``error``."""
    message = clean(str(error))
    for name in (path, path.name):
        message = message.removeprefix(f"{clean(name)}: ")
    return Failed(path, message)
