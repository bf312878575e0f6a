"""What a format decides: where an image goes, and which rows say what it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from xray_tui.dataset.export.formats.croissant import Columns, Parts
from xray_tui.dataset.opinions import Conclusion
from xray_tui.dataset.records import Record


@dataclass(frozen=True)
class Exported:
    """An image in an export."""

    record: Record
    conclusion: Conclusion
    split: str
    size: tuple[int, int]
    """Width and height in the export, in pixels."""


class Sharded(Protocol):
    """A layout of shards: files with many images of one split, and all that is known of these."""

    def name(self, split: str, number: int, of: int) -> str:
        """The path of the shard ``number``, from 0, of the ``of`` shards of ``split``."""
        ...

    def pack(self, images: Iterable[tuple[Exported, bytes]]) -> Iterator[bytes]:
        """The shard with ``images`` and their PNG files, block by block; at least one image."""
        ...

    def usage(self) -> str:
        """How to load the export, in Markdown; the export is called ``DEST``."""
        ...

    def croissant(self, columns: Columns, shards: Mapping[str, str]) -> Parts:
        """What ``croissant.json`` says of the ``shards``, each with its SHA-256."""
        ...


class Format(Protocol):
    """A layout of files and tables. Paths are relative to the export, with forward slashes."""

    def path(self, image: Exported) -> str:
        """Where the image goes; no two images have the same path."""
        ...

    def rows(self, image: Exported) -> Iterable[tuple[str, bytes]]:
        """The tables that have a row for the image, and the row with its line feed."""
        ...

    def head(self, table: str) -> bytes:
        """How ``table`` begins; empty if with its first row."""
        ...

    def tail(self, table: str) -> Iterable[bytes]:
        """How ``table`` ends; empty if with its last row."""
        ...

    def listed(self, table: str, path: Path) -> Iterator[str]:
        """The image of each row of ``table``, read from the file ``path``."""
        ...

    def usage(self) -> str:
        """How to load the export, in Markdown; the export is called ``DEST``."""
        ...

    def croissant(self, columns: Columns, tables: Mapping[str, str]) -> Parts:
        """What ``croissant.json`` says of the images and ``tables``, each with its SHA-256."""
        ...
