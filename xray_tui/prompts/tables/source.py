"""Opening a table: which format it has, and its lines as text."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from xray_tui.environment import user_path
from xray_tui.errors import TableError
from xray_tui.prompts.tables.parquet import parquet_lines
from xray_tui.text import clean

Format = Literal["csv", "tsv", "jsonl"]
FORMATS: dict[str, Format | Literal["parquet"]] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
"""The format of a file, by the end of its name."""
MAX_LINE = 16 * 1024 * 1024
"""Characters of the longest line that is read."""
_FOREIGN = {
    b"PK\x03\x04": "is a workbook or a zip archive; save the table as CSV in UTF-8",
    b"\xd0\xcf\x11\xe0": "is a workbook; save the table as CSV in UTF-8",
    b"\x1f\x8b": "is compressed; unpack it first",
    b"PAR1": "is a Parquet file; give a file whose name ends in .parquet",
    b"\x89PNG": "is an image, not a table; give a CSV, TSV or JSON-lines file",
}
"""What files that are no text begin with, and what to say about them."""


@dataclass(frozen=True)
class Source:
    """A table that is open for reading."""

    name: str
    """As messages show it."""
    format: Format
    lines: Iterator[str]
    """With their line ends. Bytes that are not valid UTF-8 are lone surrogates."""


@contextmanager
def opened(path: str, standard_input: BinaryIO) -> Iterator[Source]:
    """The table in the file at ``path``; for ``-``, in ``standard_input``.

    Raises:
        TableError: it cannot be read, or is not a table.
    """
    if path == "-":
        yield _source("standard input", None, io.BufferedReader(_raw(standard_input)))
        return
    name = clean(path)
    kind = FORMATS.get(Path(path).suffix.lower())
    if kind is None:
        raise TableError(
            f"{name}: the name of a table ends in {', '.join(FORMATS)}; rename the file, "
            "or give - for standard input"
        )
    try:
        with (user_path(path) or Path(path)).open("rb") as file:
            if kind == "parquet":
                yield Source(name, "jsonl", parquet_lines(name, file))
            else:
                yield _source(name, kind, file)
    except OSError as error:
        why = error.strerror or str(error)
        raise TableError(f"{name}: cannot be read: {why[0].lower()}{why[1:]}") from error


def _raw(file: BinaryIO) -> io.RawIOBase:
    """What is below the buffer of ``file``; reading through a second buffer must lose nothing."""
    raw = getattr(file, "raw", None)
    return raw if isinstance(raw, io.RawIOBase) else _AsRaw(file)


class _AsRaw(io.RawIOBase):
    """A stream without a raw layer, such as bytes in memory."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _source(name: str, kind: Format | None, file: io.BufferedReader) -> Source:
    head = file.peek(4096)
    if not head.strip():
        if len(head) < 4096:
            raise TableError(f"{name}: is empty; the first line names the columns")
        raise TableError(f"{name}: begins with thousands of spaces; remove them")
    for beginning, reason in _FOREIGN.items():
        if head.startswith(beginning):
            raise TableError(f"{name}: {reason}")
    encoding = "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # Excel calls this Unicode text
        encoding = "utf-16"
    elif b"\0" in head[:4]:
        raise TableError(f"{name}: is not text in UTF-8; save the table as CSV in UTF-8")
    first = head.decode(encoding, "ignore").lstrip()[:1]
    if first == "[":
        raise TableError(f"{name}: is a JSON list; write one object a line (JSON lines)")
    return Source(name, kind or ("jsonl" if first == "{" else "csv"), _lines(name, file, encoding))


def _lines(name: str, file: io.BufferedReader, encoding: str) -> Iterator[str]:
    errors = "strict" if encoding == "utf-16" else "surrogateescape"
    text = io.TextIOWrapper(file, encoding, errors, newline="")
    number = 0
    while True:
        try:
            line = text.readline(MAX_LINE + 1)
        except UnicodeError as error:
            raise TableError(
                f"{name}: is not valid UTF-16 after line {number}; save the table as UTF-8"
            ) from error
        if not line:
            return
        number += 1
        if len(line) > MAX_LINE:
            raise TableError(
                f"{name}: line {number} is longer than {MAX_LINE:,} characters; "
                "check its quotation marks and line ends"
            )
        yield line
