"""The callback by which long operations on a dataset report their progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

ReportProgress: TypeAlias = Callable[[str, int, int], object]
"""Called with what is being done (``"checking images"``), how many are done, and the total."""


def no_progress(what: str, done: int, total: int) -> None:
    """A :data:`ReportProgress` that does nothing."""
