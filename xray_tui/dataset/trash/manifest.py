"""The list of the images of one purge, with all that is needed to restore them.

``.xray-tui/trash/<purge>.jsonl`` has a line for each image; the images themselves are in
``.xray-tui/trash/<purge>/<region>/<label>/``.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import explained, sync_folder, write_whole
from xray_tui.dataset.files.encoding import decode_provenance, decode_task, describe, encode
from xray_tui.dataset.records import Examined, NewRecord
from xray_tui.errors import DatasetError
from xray_tui.text import clean

_SUFFIX = ".jsonl"


class _Line(BaseModel):
    """A line of the list."""

    record_id: int
    bytes: int
    file: str
    job: str
    phash: str | None
    checks: tuple[str, ...]
    task: dict[str, Any]
    provenance: dict[str, Any]


@dataclass(frozen=True)
class TrashedImage:
    """One image of a purge."""

    record_id: int
    """The id of its record, which it gets back."""
    size: int
    """Bytes."""
    record: NewRecord
    """Its file is relative to the dataset, as it was before the purge."""


class Manifest:
    """The list and the folder of the purge ``purge`` of the dataset in ``root``."""

    def __init__(self, root: Path, purge: str) -> None:
        self.purge = purge
        self.path = root / layout.TRASH / f"{purge}{_SUFFIX}"
        self._folder = root / layout.TRASH / purge

    def file_of(self, image: TrashedImage) -> Path:
        """The file of ``image`` in the trash."""
        return self._folder / image.record.file

    def write(self, images: Sequence[TrashedImage]) -> None:
        """Store the list durably.

        Raises:
            DatasetError: it could not be written.
        """
        with explained(self.path):
            self.path.parent.mkdir(exist_ok=True)
        write_whole(self.path, (_line(image) for image in images))

    def read(self) -> list[TrashedImage]:
        """The images of the purge.

        Raises:
            DatasetError: the list cannot be read, or a line is not one of an image.
        """
        with explained(self.path):
            lines = self.path.read_bytes().splitlines()
        return [self._parsed(number, line) for number, line in enumerate(lines, 1)]

    def delete(self) -> None:
        """Delete the folder with everything in it, and then the list.

        Raises:
            DatasetError: something could not be deleted.
        """
        with explained(self.path):
            if self._folder.is_dir():
                shutil.rmtree(self._folder)
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

    def _parsed(self, number: int, line: bytes) -> TrashedImage:
        try:
            return _image(line)
        except ValueError as error:
            why = describe(error)
            raise DatasetError(f"{clean(self.path)}:{number}: is damaged ({why})") from error


def manifests(root: Path) -> list[Manifest]:
    """The lists of all purges in the trash, the oldest first.

    Raises:
        DatasetError: the trash cannot be read.
    """
    trash = root / layout.TRASH
    with explained(trash):
        found = sorted(path.stem for path in trash.glob(f"*{_SUFFIX}")) if trash.is_dir() else []
    return [Manifest(root, purge) for purge in found]


def _line(image: TrashedImage) -> bytes:
    record = image.record
    examined = record.examined
    start = {
        "record_id": image.record_id,
        "bytes": image.size,
        "file": record.file,
        "job": record.job_id,
        "phash": None if examined is None else examined.phash,
        "checks": [] if examined is None else list(examined.checks),
    }
    task, provenance = encode(record.task), encode(record.provenance)
    return f'{json.dumps(start)[:-1]}, "task": {task}, "provenance": {provenance}}}\n'.encode()


def _image(text: bytes) -> TrashedImage:
    line = _Line.model_validate_json(text, strict=True)
    if not layout.is_image_name(line.file):
        raise ValueError("its file is not named as an image")
    examined = None if line.phash is None else Examined(line.phash, line.checks)
    task = decode_task(json.dumps(line.task))
    provenance = decode_provenance(json.dumps(line.provenance))
    record = NewRecord(task, line.file, provenance, line.job, examined)
    return TrashedImage(line.record_id, line.bytes, record)
