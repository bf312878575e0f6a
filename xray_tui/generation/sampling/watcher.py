"""How the sampler reports its progress, and how a batch is interrupted. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Interrupted(Exception):  # noqa: N818
    """Raised through the pipeline to stop a batch; its images are thrown away."""


@dataclass(frozen=True)
class Picture:
    """A small greyscale preview of an image: ``width * height`` bytes, row by row."""

    width: int
    height: int
    pixels: bytes


class Watcher(Protocol):
    """Receives the sampler's progress, and decides between steps whether it may continue."""

    def checkpoint(self) -> None:
        """Called between steps: wait here while paused, raise :class:`Interrupted` to stop."""

    def step(self, step: int, steps: int, seconds: float) -> None:
        """Called when ``step`` (from 1) of ``steps`` is done; it took ``seconds``."""

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """Called with the batch's first image as it looks after ``step`` of ``steps``."""

    def warn(self, text: str) -> None:
        """Called with a warning for the user, for example that a prompt was cut."""
