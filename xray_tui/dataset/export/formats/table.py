"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.dataset.export.files_writer import FilesWriter
from xray_tui.dataset.export.formats.classes import Classes
from xray_tui.dataset.export.formats.coco import Coco
from xray_tui.dataset.export.formats.csv_table import STYLES, CsvTable
from xray_tui.dataset.export.formats.folder import Folder
from xray_tui.dataset.export.formats.imagefolder import ImageFolder
from xray_tui.dataset.export.formats.parquet import Parquet
from xray_tui.dataset.export.formats.webdataset import WebDataset
from xray_tui.dataset.export.request import Request
from xray_tui.dataset.export.shards_writer import ShardsWriter
from xray_tui.dataset.export.writer import Plan, Writer
from xray_tui.errors import DatasetError
from xray_tui.extras import lacking
from xray_tui.text import did_you_mean, quoted

MakeWriter = Callable[[Plan], Writer]

_FILES: dict[str, MakeWriter] = {
    "imagefolder": lambda plan: FilesWriter(ImageFolder(), plan),
    "folder": lambda plan: FilesWriter(Folder(Classes(plan.labels)), plan),
    "csv": lambda plan: FilesWriter(CsvTable(STYLES["chexpert"]), plan),
    "coco": lambda plan: FilesWriter(Coco(Classes(plan.labels)), plan),
}
SHARDS: dict[str, MakeWriter] = {
    "parquet": lambda plan: ShardsWriter(Parquet(), plan),
    "webdataset": lambda plan: ShardsWriter(WebDataset(Classes(plan.labels)), plan),
}
"""Formats in which one file holds many images."""
FORMATS = _FILES | SHARDS
SHARD_SIZE = 1_000
"""Images in a shard, unless the user wants another number."""


def find_format(request: Request) -> MakeWriter:
    """What writes the format of ``request``.

    Raises:
        DatasetError: there is no such format, it lacks an option of ``request``, or it
            needs a library that is not installed.
    """
    name, style = request.format, request.style
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise DatasetError(
            f"{quoted(name)} is not a format; use {known}{did_you_mean(name, FORMATS)}"
        )
    if name == "parquet" and (reason := lacking("pyarrow", "parquet")):
        raise DatasetError(f"the format parquet {reason}")
    if request.link and name in SHARDS:
        raise DatasetError(f"--link links to files of images, and {name} packs them; leave it out")
    if request.shard_size is not None and name not in SHARDS:
        raise DatasetError(f"--shard-size is for formats with shards; leave it out for {name}")
    if not style:
        return FORMATS[name]
    if name != "csv":
        raise DatasetError(f"--style chooses the columns of csv; leave it out for {name}")
    if style not in STYLES:
        known = ", ".join(STYLES)
        raise DatasetError(
            f"{quoted(style)} is not a style; use {known}{did_you_mean(style, STYLES)}"
        )
    return lambda plan: FilesWriter(CsvTable(STYLES[style]), plan)
