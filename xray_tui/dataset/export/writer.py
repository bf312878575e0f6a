"""What writes an export: one writer for formats of many files, and one for formats of shards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xray_tui.dataset.export.copying import Copier
from xray_tui.dataset.export.facts import Facts
from xray_tui.dataset.export.formats.croissant import Columns, Parts
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.progress import ReportProgress


@dataclass(frozen=True)
class Plan:
    """What is known before the first image is written."""

    part: Path
    """The folder to write into. It may hold what an interrupted export left."""
    copier: Copier
    labels: Collection[tuple[str, str]]
    """Region and label of each label."""
    splits: Mapping[str, int]
    """The number of images of each split that has any."""
    shard_size: int
    """Images in a shard."""


class Writer(Protocol):
    """Writes the images of one export."""

    facts: Facts
    """What was written."""
    reused: int
    """Images that an interrupted export had written already."""

    def write(self, images: Iterable[Exported], total: int, report: ReportProgress) -> None:
        """Write all ``images``, of which there are ``total``.

        Raises:
            DatasetError: an image could not be read, or a file not written.
        """
        ...

    def check(self, others: Collection[str]) -> None:
        """Check what was written, and delete all else except for ``others``.

        Raises:
            DatasetError: something is missing or cannot be read.
        """
        ...

    def usage(self) -> str:
        """How to load the export, in Markdown; the export is called ``DEST``."""
        ...

    def croissant(self, columns: Columns) -> Parts:
        """What ``croissant.json`` says of what was written."""
        ...
