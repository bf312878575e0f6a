"""The private parts of textual-image that xray-tui uses, as they are in version 0.12.0.

A test in ``tests/tui/pictures/renderers/`` fails when a new version changes them.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

_MODULE = "textual_image.renderable.tgp"


def import_quietly() -> None:
    """Import textual-image while stdout is hidden from it; call this before the app runs.

    Its import would query the terminal again, and not wait long enough for the reply.
    """
    stdout = sys.__stdout__
    try:
        sys.__stdout__ = None  # type: ignore[misc]
        importlib.import_module(_MODULE)
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]


def encode(picture: Image) -> str:
    """``picture`` at its own size as a PNG file, in base64."""
    return str(_library().Image(picture)._image_data.to_base64())


def placeholder(column: int, row: int, high: int = 0) -> str:
    """The characters that stand for this cell of a picture.

    ``high`` is the highest byte of the picture's number; its colour contains the others.
    """
    library = _library()
    marks = library._NUMBER_TO_DIACRITIC
    third = chr(marks[high]) if high else ""
    return f"{chr(library._PLACEHOLDER)}{chr(marks[row])}{chr(marks[column])}{third}"


def _library() -> Any:
    """The module, imported late: its import queries the terminal without import_quietly."""
    return importlib.import_module(_MODULE)
