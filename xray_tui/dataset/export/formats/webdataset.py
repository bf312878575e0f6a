"""WebDataset: tar files of samples, a sample being files whose names differ in their endings.

https://github.com/webdataset/webdataset, "The WebDataset Format".
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator, Mapping

from xray_tui.dataset.export.formats.classes import Classes
from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_tars
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.imagefolder import metadata_line
from xray_tui.names import name_in_path

_TIME = 315_532_800
"""1980: the same images make the same bytes, and tar distrusts earlier times."""
_USAGE = """```python
from glob import glob

import webdataset as wds

shards = sorted(glob("DEST/train-*.tar"))
train = wds.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("png", "cls", "json")
```

`load_dataset("webdataset", data_dir="DEST")` of `datasets` reads it, too. A sample is an image, the
number of its class as `cls`, and all that is known about it as `json`. The classes, from 0:
{classes}."""


class WebDataset:
    """``train-000000.tar`` with ``chest/normal/….cls``, ``….json`` and ``….png``."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes

    def name(self, split: str, number: int, of: int) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return f"{split}-{number:06}.tar"

    def pack(self, images: Iterable[tuple[Exported, bytes]]) -> Iterator[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        length = 0
        for image, data in images:
            file = name_in_path(image.record.file)
            key = file.removesuffix(".png")
            number = str(self._classes.number(image.record)).encode()
            row = metadata_line(image, file).removesuffix(b"\n")
            for name, body in ((f"{key}.cls", number), (f"{key}.json", row), (file, data)):
                for block in _member(name, body):
                    length += len(block)
                    yield block
        end = length + 2 * tarfile.BLOCKSIZE
        yield bytes(-end % tarfile.RECORDSIZE + 2 * tarfile.BLOCKSIZE)

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return _USAGE.format(classes=", ".join(f"`{name}`" for name in self._classes.names))

    def croissant(self, columns: Columns, shards: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Sharded`."""
        return of_tars(shards)


def _member(name: str, body: bytes) -> Iterator[bytes]:
    """A file in a tar file: its header, contents and padding."""
    info = tarfile.TarInfo(name)
    info.size = len(body)
    info.mtime = _TIME
    yield info.tobuf(tarfile.USTAR_FORMAT)
    yield body
    yield bytes(-len(body) % tarfile.BLOCKSIZE)
