"""The private parts of textual-image that xray-tui uses, as they are in version 0.12.0.

A test in ``tests/tui/pictures/renderers/`` fails when a new version changes them.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment

if TYPE_CHECKING:
    from PIL.Image import Image

_MODULE = "textual_image.renderable.tgp"


@dataclass(frozen=True)
class KittyImage:
    """An image encoded for kitty's graphics protocol."""

    number: int
    """Its number in the terminal: 1 to 2**32 - 1, different for each image."""
    png: str
    """The image as a PNG file, in base64."""
    placeholders: list[Segment]
    """One segment per row: the characters that stand for the image, in the colour of its number."""


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


def encode(picture: Image, columns: int, rows: int) -> KittyImage:
    """``picture`` at its own size, with placeholders for ``columns`` × ``rows`` cells."""
    # Imported late, because the import queries the terminal unless import_quietly came first.
    from textual_image.renderable import tgp

    image = tgp.Image(picture)
    number = image.terminal_image_id = next(tgp.Image._image_id_counter) % (1 << 32) or 1
    segments = image._render_diacritics(columns, rows)
    placeholders = [Segment(segment.text.rstrip("\n"), segment.style) for segment in segments]
    return KittyImage(number, image._image_data.to_base64(), placeholders)
