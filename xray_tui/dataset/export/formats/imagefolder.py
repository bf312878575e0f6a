"""Hugging Face's image folder: a folder for each split, with a ``metadata.jsonl``.

https://huggingface.co/docs/datasets/image_dataset, "ImageFolder".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_folders
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.files import layout, metadata

_USAGE = """```python
from datasets import load_dataset

data = load_dataset("imagefolder", data_dir="DEST")
```"""


class ImageFolder:
    """``train/chest/normal/….png`` and ``train/metadata.jsonl``.

    Names that hold a word such as ``test`` get a ``+``, as in the dataset, so that ``datasets``
    finds no other splits than the folders at the top.
    """

    def path(self, image: Exported) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return f"{image.split}/{_name(image)}"

    def rows(self, image: Exported) -> Iterable[tuple[str, bytes]]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        yield f"{image.split}/{layout.METADATA}", metadata_line(image, _name(image))

    def head(self, table: str) -> bytes:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return b""

    def tail(self, table: str) -> Iterable[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return ()

    def listed(self, table: str, path: Path) -> Iterator[str]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        split = table.partition("/")[0]
        return (f"{split}/{name}" for name in names_in_metadata(path))

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return _USAGE

    def croissant(self, columns: Columns, tables: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return of_folders("*/*/*/*.png", f"*/{layout.METADATA}", columns)


def metadata_line(image: Exported, name: str) -> bytes:
    """The line of ``image`` in a ``metadata.jsonl`` that calls it ``name``."""
    return json.dumps(metadata_row(image, name)).encode() + b"\n"


def metadata_row(image: Exported, name: str) -> dict[str, object]:
    """The row of ``image`` in a ``metadata.jsonl`` that calls it ``name``."""
    width, height = image.size
    row = metadata.row(image.record, image.conclusion)
    return row | {"file_name": name, "width": width, "height": height}


def line_with_split(image: Exported, name: str) -> bytes:
    """The same for a ``metadata.jsonl`` with the rows of all splits."""
    return json.dumps(metadata_row(image, name) | {"split": image.split}).encode() + b"\n"


def names_in_metadata(path: Path) -> Iterator[str]:
    """The ``file_name`` of each row of a ``metadata.jsonl``."""
    with path.open("rb") as lines:
        for line in lines:
            yield json.loads(line)["file_name"]


def _name(image: Exported) -> str:
    return layout.present_name(image.record.file)
