"""How long work reports how far it is: one shape of callback for the whole dataset."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

ReportProgress: TypeAlias = Callable[[str, int, int], object]
"""Called with what is being done (``"checking images"``), how many are done, and the total."""


def no_progress(what: str, done: int, total: int) -> None:
    """A :data:`ReportProgress` that reports to nobody."""
