"""COCO's JSON: an annotation for each image, with its class as category and all of it as box.

https://cocodataset.org/#format-data, "Object Detection".
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from xray_tui import __version__
from xray_tui.dataset.export.formats.classes import Classes
from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_files
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.imagefolder import line_with_split, names_in_metadata
from xray_tui.dataset.files import layout

_IMAGES = "images"
_INFO = {
    "description": "Synthetic radiographs. No image shows a real patient.",
    "contributor": "xray-tui",
    "version": __version__,
}
_USAGE = """```python
from pycocotools.coco import COCO

train = COCO("DEST/annotations/train.json")
```

`file_name` of an image is relative to `DEST/images`. Each image has one annotation: its category is
the label, its box the whole image. `metadata.jsonl` has all that is known about each image."""


class Coco:
    """``images/train/chest/normal/….png``, ``annotations/train.json``, and ``metadata.jsonl``.

    Numbers of images are unique in all splits, and the categories are the same.
    """

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._written = 0
        self._annotations: dict[str, array[int]] = {}
        """For each table: number, category, width and height of each of its images."""

    def path(self, image: Exported) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return f"{_IMAGES}/{_name(image)}"

    def rows(self, image: Exported) -> Iterable[tuple[str, bytes]]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        yield layout.METADATA, line_with_split(image, self.path(image))
        table = f"annotations/{image.split}.json"
        self._written += 1
        width, height = image.size
        row = {"id": self._written, "file_name": _name(image), "width": width, "height": height}
        before = ",\n" if table in self._annotations else ""
        yield table, f"{before}{json.dumps(row)}".encode()
        category = self._classes.number(image.record) + 1
        rows = self._annotations.setdefault(table, array("Q"))
        rows.extend((self._written, category, width, height))

    def head(self, table: str) -> bytes:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        if table == layout.METADATA:
            return b""
        return f'{{"info": {json.dumps(_INFO)}, "licenses": [], "images": [\n'.encode()

    def tail(self, table: str) -> Iterator[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        if table == layout.METADATA:
            return
        yield b'\n], "annotations": [\n'
        numbers = iter(self._annotations[table])
        before = ""
        for image, category, width, height in zip(numbers, numbers, numbers, numbers, strict=True):
            row = {
                "id": image,
                "image_id": image,
                "category_id": category,
                "bbox": [0, 0, width, height],
                "area": width * height,
                "segmentation": [],
                "iscrowd": 0,
            }
            yield f"{before}{json.dumps(row)}".encode()
            before = ",\n"
        categories = [
            {"id": number, "name": name, "supercategory": region}
            for number, (region, name) in enumerate(self._classes.with_regions, 1)
        ]
        yield f'\n], "categories": {json.dumps(categories)}}}\n'.encode()

    def listed(self, table: str, path: Path) -> Iterator[str]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        if table == layout.METADATA:
            return names_in_metadata(path)
        images = json.loads(path.read_bytes())["images"]
        return (f"{_IMAGES}/{image['file_name']}" for image in images)

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return _USAGE

    def croissant(self, columns: Columns, tables: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return of_files("images/*/*/*/*.png", layout.METADATA, tables[layout.METADATA], columns)


def _name(image: Exported) -> str:
    return f"{image.split}/{layout.present_name(image.record.file)}"
