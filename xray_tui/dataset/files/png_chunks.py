"""The chunks of a PNG file (PNG specification, third edition, 5 and 11)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 1024 * 1024
"""Longer texts are not read, in bytes."""


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Type and contents of each chunk up to IEND (5.3).

    Raises:
        ValueError: a checksum is wrong.
        struct.error: the file is cut off.
    """
    at = len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 8 + length
        (checksum,) = struct.unpack_from(">I", data, end)
        if zlib.crc32(data[at + 4 : end]) != checksum:
            raise ValueError("a checksum is wrong")
        yield kind, data[at + 8 : end]
        at = end + 4


def chunk(kind: bytes, body: bytes) -> bytes:
    """The bytes of a chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def text_chunk(keyword: str, text: str) -> bytes:
    """The bytes of an iTXt chunk without compression and language (11.3.3.4)."""
    return chunk(b"iTXt", keyword.encode() + b"\0\0\0\0\0" + text.encode())


def has_keyword(kind: bytes, body: bytes, keyword: str) -> bool:
    """Whether a chunk is an iTXt chunk with this keyword."""
    return kind == b"iTXt" and body.startswith(keyword.encode() + b"\0")


def text_of(body: bytes) -> bytes:
    """The text of an iTXt chunk, at most :data:`MAX_TEXT` bytes (11.3.3.4).

    Raises:
        ValueError: it is longer.
        zlib.error: it is compressed, and damaged.
    """
    keyword, _, rest = body.partition(b"\0")
    is_compressed = rest[:1] == b"\1"
    _, _, text = rest[2:].partition(b"\0")[2].partition(b"\0")
    if is_compressed:  # not by xray-tui, but a PNG optimiser may do it
        text = zlib.decompressobj().decompress(text, MAX_TEXT + 1)
    if len(text) > MAX_TEXT:
        name = keyword.decode(errors="replace")
        raise ValueError(f"its {name} chunk is larger than {MAX_TEXT >> 20} MiB")
    return text
