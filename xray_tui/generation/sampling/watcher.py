"""How the sampler reports its progress, and how a batch is interrupted. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Interrupted(Exception):  # noqa: N818
    """Raised through the pipeline to leave a batch; its images are thrown away."""


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
        """``step`` (from 1) of ``steps`` is done; it took ``seconds``."""

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """The batch's first image as it looks after ``step`` of ``steps``."""

    def warn(self, text: str) -> None:
        """Something the user should know, for example that a prompt was cut."""
