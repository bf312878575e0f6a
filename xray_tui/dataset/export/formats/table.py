"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.dataset.export.files_writer import FilesWriter
from xray_tui.dataset.export.formats.csv_table import STYLES, CsvTable
from xray_tui.dataset.export.formats.folder import Folder
from xray_tui.dataset.export.formats.imagefolder import ImageFolder
from xray_tui.dataset.export.writer import Plan, Writer
from xray_tui.errors import DatasetError
from xray_tui.text import did_you_mean, quoted

MakeWriter = Callable[[Plan], Writer]

FORMATS: dict[str, MakeWriter] = {
    "imagefolder": lambda plan: FilesWriter(ImageFolder(), plan),
    "folder": lambda plan: FilesWriter(Folder(plan.regions), plan),
    "csv": lambda plan: FilesWriter(CsvTable(STYLES["chexpert"]), plan),
}


def find_format(name: str, style: str = "") -> MakeWriter:
    """What writes the format called ``name``; ``style`` chooses the columns of ``csv``.

    Raises:
        DatasetError: there is none.
    """
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise DatasetError(
            f"{quoted(name)} is not a format; use {known}{did_you_mean(name, FORMATS)}"
        )
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
