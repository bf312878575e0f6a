"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Collection

from xray_tui.dataset.export.csv_table import STYLES, CsvTable
from xray_tui.dataset.export.folder import Folder
from xray_tui.dataset.export.format import Format
from xray_tui.dataset.export.imagefolder import ImageFolder
from xray_tui.errors import DatasetError
from xray_tui.text import did_you_mean, quoted

MakeFormat = Callable[[Collection[str]], Format]
"""Makes a format for images of these regions."""

FORMATS: dict[str, MakeFormat] = {
    "imagefolder": lambda _: ImageFolder(),
    "folder": Folder,
    "csv": lambda _: CsvTable(STYLES["chexpert"]),
}


def find_format(name: str, style: str = "") -> MakeFormat:
    """The format called ``name``; ``style`` chooses the columns of ``csv``.

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
    return lambda _: CsvTable(STYLES[style])
