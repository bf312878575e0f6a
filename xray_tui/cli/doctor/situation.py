"""What is examined: the settings, the dataset, and whether somebody can answer a question."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from xray_tui.config import Settings
from xray_tui.environment import absolute


@dataclass(frozen=True)
class Situation:
    """What the checks are about."""

    settings: Settings
    """Those without mistakes; the others have their defaults."""
    can_ask: bool
    """Whether the terminal may be used for a picture and a question."""

    @property
    def dataset(self) -> Path:
        """The dataset folder, which need not exist."""
        return absolute(self.settings.dataset) or self.settings.dataset


def existing_folder(path: Path) -> Path | None:
    """``path``, or the nearest folder above it that exists: there it would be created.

    None if a file is in the way, or if that cannot be found out.
    """
    for place in (path, *path.parents):
        try:
            if place.exists():
                return place if place.is_dir() else None
        except OSError:
            return None
    return None
