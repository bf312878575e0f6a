"""PNG files of versions before the mark, which have no XMP packet."""

from __future__ import annotations

from xray_tui.dataset.files import xmp
from xray_tui.dataset.files.png_chunks import SIGNATURE, chunk, chunks, has_keyword, text_chunk


def with_packet(data: bytes, packet: str | None) -> bytes:
    """The PNG file with another XMP packet, or without one."""
    blocks = [SIGNATURE]
    for kind, body in chunks(data):
        if not has_keyword(kind, body, xmp.KEYWORD):
            blocks.append(chunk(kind, body))
        elif packet is not None:
            blocks.append(text_chunk(xmp.KEYWORD, packet))
    return b"".join(blocks)


def without_mark(data: bytes) -> bytes:
    """The PNG file as versions before the mark wrote it."""
    return with_packet(data, None)
