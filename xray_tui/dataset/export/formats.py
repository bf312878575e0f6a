"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.dataset.export.format import Format
from xray_tui.dataset.export.imagefolder import ImageFolder
from xray_tui.errors import DatasetError
from xray_tui.text import did_you_mean, quoted

FORMATS: dict[str, Callable[[], Format]] = {"imagefolder": ImageFolder}


def find_format(name: str) -> Format:
    """The format called ``name``.

    Raises:
        DatasetError: there is none.
    """
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise DatasetError(
            f"{quoted(name)} is not a format; use {known}{did_you_mean(name, FORMATS)}"
        )
    return FORMATS[name]()
