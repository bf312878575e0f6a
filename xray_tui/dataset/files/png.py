"""PNG files that carry their own provenance in three text chunks.

``parameters`` is for other programs (see :mod:`xray_tui.dataset.files.infotext`), and an XMP packet
marks the image as synthetic (see :mod:`xray_tui.dataset.files.xmp`). ``xray-tui`` is JSON with
everything that is needed to rebuild a lost catalog::

    {"format": 1, "synthetic": true, "task": {…}, "provenance": {…}, "job": "…"}

and, if its label was changed, ``"relabelled": [{"label": …, "reviewer": …, "when": …}, …]``.

A reader ignores keys that it does not know. The format number increases when that is not enough.
"""

from __future__ import annotations

import json
import stat
import struct
import zlib
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.files import encoding, xmp
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.infotext import infotext
from xray_tui.dataset.files.png_chunks import (
    SIGNATURE,
    chunk,
    chunks,
    has_keyword,
    text_chunk,
    text_of,
)
from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError
from xray_tui.parameters import MAX_SEED
from xray_tui.tasks import Task

if TYPE_CHECKING:
    from PIL import Image

FORMAT = 1
CHUNK = "xray-tui"
MAX_BYTES = 32 * 1024 * 1024
"""Larger files are not read."""


class BadImageError(DatasetError):
    """A file that is not an intact PNG of xray-tui."""


@dataclass(frozen=True)
class Relabelling:
    """One change of an image's label."""

    label: str
    """The new label."""
    reviewer: str
    when: str
    """ISO 8601 in UTC."""


@dataclass(frozen=True)
class Contents:
    """The provenance stored in an image file."""

    task: Task
    provenance: Provenance
    job_id: str
    """Empty if the file does not name a job."""
    relabelled: tuple[Relabelling, ...] = ()
    """All changes of its label, latest last."""
    is_marked: bool = True
    """Whether the file says in its XMP packet that it is synthetic."""
    rating: int | None = None
    """The rating in that packet, as :func:`xmp.rating_for` gives it; None if it has none."""

    @property
    def label(self) -> str:
        """The current label."""
        return self.relabelled[-1].label if self.relabelled else self.task.label


def encode(image: Image.Image, task: Task, provenance: Provenance, job_id: str = "") -> bytes:
    """A PNG file of ``image`` (mode L, 8-bit greyscale) with all three text chunks.

    Raises:
        DatasetError: a text in ``task`` or ``provenance`` is not valid Unicode.
    """
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("parameters", infotext(task, provenance))  # as Latin-1 where possible
    contents = Contents(task, provenance, job_id)
    info.add_itxt(CHUNK, _text(contents))
    info.add_itxt(xmp.KEYWORD, _packet(contents))
    buffer = BytesIO()
    image.save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def relabelled(path: Path, change: Relabelling) -> tuple[Contents, bytes]:
    """Provenance and bytes of the image at ``path`` after a change of label; same pixels.

    The file itself is not changed.

    Raises:
        BadImageError: as :func:`read`.
        DatasetError: as :func:`read`.
    """
    data = _bytes_of(path)
    before = _contents(path, data)
    contents = replace(before, relabelled=(*before.relabelled, change))
    return contents, _with_texts(data, before, contents)


def marked(path: Path, rating: int) -> bytes:
    """The bytes of the image at ``path``, marked as synthetic and with ``rating``; same pixels.

    A packet of another program is kept, with the mark added. The file itself is not changed.

    Raises:
        BadImageError: as :func:`read`.
        DatasetError: as :func:`read`.
    """
    return _marked(path, _bytes_of(path), rating)


def needs_marking(path: Path, rating: int) -> bool:
    """Whether :func:`marked` changes anything: a packet of another program may keep its rating.

    Raises:
        BadImageError: as :func:`read`.
        DatasetError: as :func:`read`.
    """
    data = _bytes_of(path)
    return _marked(path, data, rating) != data


def _marked(path: Path, data: bytes, rating: int) -> bytes:
    contents = _contents(path, data)
    if contents.is_marked and contents.rating == rating:
        return data
    return _with_texts(data, contents, replace(contents, rating=rating))


def _with_texts(data: bytes, before: Contents, after: Contents) -> bytes:
    """A file with the texts of ``after``. A packet that another program changed is kept."""
    written, packet = _packet(before), _packet(after)
    for kind, body in chunks(data):
        if has_keyword(kind, body, xmp.KEYWORD):
            found = _packet_in(body)
            if not xmp.same_but_for_rating(found, written):
                packet = found if xmp.is_marked(found) else xmp.marked(found) or packet
                packet = xmp.rated(packet, after.rating or 0)
    blocks = [SIGNATURE]
    for kind, body in chunks(data):
        if has_keyword(kind, body, CHUNK):
            blocks += [text_chunk(CHUNK, _text(after)), text_chunk(xmp.KEYWORD, packet)]
        elif not has_keyword(kind, body, xmp.KEYWORD):
            blocks.append(chunk(kind, body))
    return b"".join(blocks)


def _packet_in(body: bytes) -> str:
    """The packet in a chunk; empty if it is damaged, which spoils nothing else."""
    try:
        return text_of(body).decode(errors="replace")
    except (ValueError, zlib.error):
        return ""


def _packet(contents: Contents) -> str:
    rating = contents.rating or 0
    return xmp.packet(contents.task, contents.provenance, contents.label, rating)


def read(path: Path) -> Contents:
    """The provenance in the ``xray-tui`` chunk of ``path``.

    Checks the checksum of every chunk, including the pixels', and the image size. The pixels are
    not decoded, so a small file that unpacks to gigabytes does no harm.

    Raises:
        BadImageError: not an intact PNG of xray-tui: a link, damaged, too large, without the chunk,
            or with invalid contents in it.
        DatasetError: the file cannot be read, or was written by a newer xray-tui.
    """
    return _contents(path, _bytes_of(path))


def read_pixels(path: Path) -> Contents:
    """As :func:`read`, but the pixels are decoded as well.

    Raises:
        BadImageError: as :func:`read`, or the pixels cannot be decoded.
        DatasetError: as :func:`read`.
    """
    from PIL import Image

    data = _bytes_of(path)
    contents = _contents(path, data)  # from here on the size is within the limits of a task
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as image:
            image.load()
    except Exception as error:  # decoders raise anything on invalid data
        raise BadImageError(f"{path}: its pixels are damaged and cannot be decoded") from error
    return contents


def _text(contents: Contents) -> str:
    """The ``xray-tui`` chunk's text."""
    changes = ""
    if contents.relabelled:
        changes = f', "relabelled": {json.dumps([vars(change) for change in contents.relabelled])}'
    return (
        f'{{"format": {FORMAT}, "synthetic": true,'
        f' "task": {encoding.encode(contents.task)},'
        f' "provenance": {encoding.encode(contents.provenance)},'
        f' "job": {json.dumps(contents.job_id)}{changes}}}'
    )


def _bytes_of(path: Path) -> bytes:
    with explained(path):
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise BadImageError(f"{path}: not a plain file")
        if status.st_size > MAX_BYTES:
            raise BadImageError(f"{path}: not read, as it is larger than {MAX_BYTES >> 20} MiB")
        return path.read_bytes()


def _contents(path: Path, data: bytes) -> Contents:
    if not data.startswith(SIGNATURE):
        raise BadImageError(f"{path}: not a PNG file")
    try:
        size, text, packet = _read_chunks(data)
    except (struct.error, zlib.error) as error:
        raise BadImageError(f"{path}: a broken PNG file: cut off or damaged") from error
    except ValueError as error:
        raise BadImageError(f"{path}: a broken PNG file ({error})") from error
    if text is None:
        raise BadImageError(f"{path}: not generated by xray-tui: it has no {CHUNK} chunk")
    is_marked, rating = xmp.is_marked(packet), xmp.rating_in(packet)
    return replace(_parse(path, text, size), is_marked=is_marked, rating=rating)


def _read_chunks(data: bytes) -> tuple[tuple[int, int], bytes | None, str]:
    """Width and height, the text of the first ``xray-tui`` chunk, and the XMP packet."""
    size = None
    text = None
    packet = ""
    for kind, body in chunks(data):
        if size is None:
            if kind != b"IHDR":
                raise ValueError("it has no header")
            size = struct.unpack_from(">II", body)
        elif text is None and has_keyword(kind, body, CHUNK):
            text = text_of(body)
        elif has_keyword(kind, body, xmp.KEYWORD):
            packet = _packet_in(body)
    assert size is not None
    return (size[0], size[1]), text, packet


def _parse(path: Path, text: bytes, size: tuple[int, int]) -> Contents:
    try:
        content = json.loads(text)
        number = content.get("format") if isinstance(content, dict) else None
        if isinstance(number, int) and number > FORMAT:
            raise DatasetError(f"{path}: written by a newer xray-tui; update xray-tui")
        if number != FORMAT:
            raise ValueError("unknown format")
        task = encoding.decode_task(json.dumps(content.get("task")))
        provenance = encoding.decode_provenance(json.dumps(content.get("provenance")))
        changes = tuple(Relabelling(**change) for change in content.get("relabelled", ()))
        if not all(isinstance(part, str) for change in changes for part in vars(change).values()):
            raise ValueError("a change of its label has a value that is not text")
        if not 0 <= task.seed <= MAX_SEED:
            raise ValueError("the seed is out of range")
        if size != (task.parameters.width, task.parameters.height):
            raise ValueError(f"the image is {size[0]}×{size[1]}, but its task has another size")
    except (ValueError, TypeError, RecursionError) as error:
        why = encoding.describe(error) if isinstance(error, ValueError) else "unexpected structure"
        raise BadImageError(f"{path}: its {CHUNK} chunk is damaged ({why})") from error
    job_id = content.get("job")
    return Contents(task, provenance, job_id if isinstance(job_id, str) else "", changes)
