"""Parquet files with the images in them, typed for Hugging Face's ``datasets``.

https://huggingface.co/docs/datasets/image_dataset, "Parquet"; the files are called as ``datasets``
calls them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_parquet
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.imagefolder import metadata_row
from xray_tui.names import name_in_path

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 100
"""The most images in a row group, the part of a file that readers load at once."""
_BYTES = 64 * 1024 * 1024
"""A row group with this many is full, too."""
_TYPES = {str: "string", bool: "bool", int: "int64", float: "float64"}
_BLOBS = "image.bytes"
_USAGE = """```python
from datasets import load_dataset

data = load_dataset("DEST")
```

Each file in `data` has the images themselves in the column `image`. pandas reads it, too."""


class Parquet:
    """``data/train-00000-of-00002.parquet``: the image, and the columns of ``metadata.jsonl``."""

    def name(self, split: str, number: int, of: int) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return f"data/{split}-{number:05}-of-{of:05}.parquet"

    def pack(self, images: Iterable[tuple[Exported, bytes]]) -> Iterator[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        import pyarrow.parquet as pq

        blocks = _Blocks()
        writer = None
        for group in _groups(images):
            table = _table(group)
            if writer is None:
                others = ["image.path", *table.column_names[1:]]
                writer = pq.ParquetWriter(
                    blocks,
                    table.schema,
                    compression={_BLOBS: "none"} | dict.fromkeys(others, "snappy"),
                    use_dictionary=others,
                    write_statistics=others,
                    write_page_checksum=True,
                )
            writer.write_table(table)
            yield from blocks.taken()
        if writer is not None:
            writer.close()
        yield from blocks.taken()

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return _USAGE

    def croissant(self, columns: Columns, shards: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return of_parquet("data/*.parquet", columns)


class _Blocks(io.RawIOBase):
    """A file to which pyarrow writes, and from which the blocks are taken."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        self._blocks.append(block)
        return len(block)

    def taken(self) -> list[bytes]:
        """The blocks since the last call."""
        blocks, self._blocks = self._blocks, []
        return blocks


def _groups(
    images: Iterable[tuple[Exported, bytes]],
) -> Iterator[list[tuple[Exported, bytes]]]:
    """The images of each row group."""
    group: list[tuple[Exported, bytes]] = []
    size = 0
    for one in images:
        group.append(one)
        size += len(one[1])
        if len(group) == _ROWS or size >= _BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _table(group: Iterable[tuple[Exported, bytes]]) -> pa.Table:
    import pyarrow as pa

    rows = []
    for image, data in group:
        path = name_in_path(image.record.file)
        row = metadata_row(image, path)
        del row["file_name"]
        rows.append({"image": {"bytes": data, "path": path}, **row})
    types = {name: _TYPES[type(value)] for name, value in rows[0].items() if name != "image"}
    features = {name: {"dtype": kind, "_type": "Value"} for name, kind in types.items()}
    info = {"info": {"features": {"image": {"_type": "Image"}, **features}}}
    schema = pa.schema(
        [
            pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            *(pa.field(name, pa.type_for_alias(kind)) for name, kind in types.items()),
        ],
        metadata={"huggingface": json.dumps(info)},
    )
    return pa.Table.from_pylist(rows, schema)
