"""``metadata.jsonl``: one typed row per image, as Hugging Face's image folders require.

The rules: a column ``file_name`` with the path relative to this file, and the same columns with the
same types in every row (https://huggingface.co/docs/datasets/image_dataset, "ImageFolder").
The file is written from the catalog: anything that people or other programs add to it is lost when
it is rewritten.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import append_line, explained, write_whole
from xray_tui.dataset.records import Record

_LONGEST_ROW = 1 << 20
"""Bytes read at the end of the file to find the last row."""
_BEGINNING = b'{"file_name": "'


def row(record: Record) -> dict[str, object]:
    """The row of ``record``: the same keys with the same types in every row."""
    task = record.task
    return {
        "file_name": record.file,
        "region": task.region,
        "label": record.label,
        "view": task.view,
        "findings": list(task.findings),
        "text": task.text,
        "negative_prompt": task.negative_prompt,
        "prompt_id": task.prompt_id,
        "slots": json.dumps(dict(task.slots), sort_keys=True),
        "seed": task.seed,
        "model": record.provenance.model,
        "scheduler": task.parameters.scheduler,
        "steps": task.parameters.steps,
        "guidance_scale": task.parameters.guidance_scale,
        "width": record.width,
        "height": record.height,
        "synthetic": True,
    }


def line(record: Record) -> str:
    """The row of ``record`` as a line of the file, without its line feed."""
    return json.dumps(row(record))


def append(path: Path, record: Record) -> None:
    """Add the row of ``record``. The caller holds :func:`locked`.

    Raises:
        DatasetError: it could not be written.
    """
    append_line(path, line(record))


def rewrite(path: Path, records: Iterable[Record]) -> None:
    """Rewrite the file with these rows. The caller holds :func:`locked`.

    Raises:
        DatasetError: it could not be written, and is unchanged.
    """
    write_whole(path, (line(record).encode() + b"\n" for record in records))


def replace_rows(path: Path, changed: Mapping[str, Record]) -> None:
    """Replace the rows whose ``file_name`` is a key of ``changed``.

    Much faster than :func:`rewrite` for a few rows. The caller holds :func:`locked`.

    Raises:
        DatasetError: the file could not be read or written, and is unchanged.
    """
    with explained(path):
        if not path.exists():
            return
        lines = path.read_bytes().splitlines(keepends=True)
    write_whole(path, (_replaced(old, changed) for old in lines))


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Lock out other processes and threads that change the file or the labels of images.

    Cannot deadlock: this lock is always taken before the catalog's, never after, and never twice.

    Raises:
        DatasetError: the lock cannot be acquired.
    """
    path = root / layout.METADATA_LOCK
    with ExitStack() as stack:
        with explained(path):
            file = stack.enter_context(path.open("ab"))
            fcntl.flock(file, fcntl.LOCK_EX)  # released when the file is closed
        yield


def is_in_step(path: Path, count: int, last: Record | None) -> bool:
    """Whether the file has ``count`` complete rows, and the last one belongs to ``last``.

    Cheap: it counts lines and parses one.

    Raises:
        DatasetError: the file cannot be read.
    """
    with explained(path):
        if not path.exists():
            return count == 0
        with path.open("rb") as file:
            lines = sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
            file.seek(max(0, file.tell() - _LONGEST_ROW))
            end = file.read()
    if not end:
        return count == 0
    if last is None or lines != count or not end.endswith(b"\n"):
        return False
    return _file_of(end.splitlines()[-1]) == last.file


def _replaced(old: bytes, changed: Mapping[str, Record]) -> bytes:
    """The new line of the record that ``old`` belongs to; ``old`` if it did not change."""
    if old.startswith(_BEGINNING):  # as written here: no need to parse the JSON
        file = old[len(_BEGINNING) : old.index(b'"', len(_BEGINNING))].decode()
    else:
        file = str(_file_of(old))
    return line(changed[file]).encode() + b"\n" if file in changed else old


def _file_of(text: bytes) -> object:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content.get("file_name") if isinstance(content, dict) else None
