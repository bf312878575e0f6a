"""Folders as torchvision reads them: a folder for each split, and in it one for each class.

https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xray_tui.dataset.export.formats.classes import Classes
from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_files
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.imagefolder import line_with_split, names_in_metadata
from xray_tui.dataset.files import layout
from xray_tui.names import without_split_words

_USAGE = """```python
from torchvision.datasets import ImageFolder

train = ImageFolder("DEST/train")
```

`metadata.jsonl` has a row for each image."""


class Folder:
    """``train/normal/….png``, and one ``metadata.jsonl`` for all splits.

    A split that lacks a label lacks its folder.
    """

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def path(self, image: Exported) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        record = image.record
        name = record.file.rpartition("/")[2]
        return f"{image.split}/{without_split_words(f'{self._classes.name(record)}/{name}')}"

    def rows(self, image: Exported) -> Iterable[tuple[str, bytes]]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        yield layout.METADATA, line_with_split(image, self.path(image))

    def head(self, table: str) -> bytes:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return b""

    def tail(self, table: str) -> Iterable[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return ()

    def listed(self, table: str, path: Path) -> Iterator[str]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return names_in_metadata(path)

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return _USAGE

    def croissant(self, columns: Columns, tables: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return of_files("*/*/*.png", layout.METADATA, tables[layout.METADATA], columns)
