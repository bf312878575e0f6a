"""Pictures by kitty's graphics protocol, drawn as placeholder characters (see textual-image)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_CELLS = 297
"""Columns or rows at most: so many placeholder marks there are."""

_CHUNK = 4096


class Placement:
    """A picture in the terminal's memory, and the characters that stand for it.

    ``transmission`` must reach the terminal before ``strips`` are drawn; ``removal`` frees it.
    Both go through Textual's driver: textual-image itself writes to stdout at once, which can land
    in the middle of what Textual's writer thread is sending.
    """

    def __init__(self, picture: Image, columns: int, rows: int) -> None:
        # Imported late: the import asks the terminal, as prepare_pictures has done by now.
        from textual_image.renderable import tgp

        image = tgp.Image(picture)
        number = image.terminal_image_id = next(tgp.Image._image_id_counter) % (1 << 32) or 1
        data = image._image_data.to_base64()
        pieces = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
        self.transmission = "".join(
            command(f"i={number},f=100,q=2,m={int(place < len(pieces))}", piece)
            for place, piece in enumerate(pieces, 1)
        ) + command(f"a=p,i={number},c={columns},r={rows},U=1,q=2")
        self.removal = command(f"a=d,d=I,i={number},q=2")
        self.strips = [
            Strip([Segment(segment.text.rstrip("\n"), segment.style)], columns)
            for segment in image._render_diacritics(columns, rows)
        ]


def command(keys: str, payload: str = "") -> str:
    """A graphics command."""
    return f"\x1b_G{keys};{payload}\x1b\\" if payload else f"\x1b_G{keys}\x1b\\"
