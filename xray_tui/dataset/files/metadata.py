"""``metadata.jsonl``: one typed row per image, as Hugging Face's image folders require.

The rules: a column ``file_name`` with the path relative to this file, and the same columns with the
same types in every row (https://huggingface.co/docs/datasets/image_dataset, "ImageFolder").
The types are inferred from the first 10 MB, and ``[]`` or ``null`` has none: lists are JSON texts.
The file is written from the catalog: anything that people or other programs add to it is lost when
it is rewritten.

A row ends with the columns that reviewers change. They are written later than the rest: see
:func:`xray_tui.dataset.repair.mending.write_decisions`.
"""

from __future__ import annotations

import fcntl
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import append_line, explained, write_whole
from xray_tui.dataset.opinions import NO_CONCLUSION, Conclusion
from xray_tui.dataset.records import Record

_LONGEST_ROW = 1 << 20
"""Bytes read at the end of the file to find the last row."""
_BEGINNING = b'{"file_name": "'
_DECISION = b', "decision": "'
"""Starts the last columns of a row. Found nowhere else in it: quotes in a text are escaped."""
_VIEW_SLOT = "view"


class _OutOfStepError(Exception):
    """The file does not have the rows of the catalog."""


def row(record: Record, conclusion: Conclusion = NO_CONCLUSION) -> dict[str, object]:
    """The row of ``record``: the same keys with the same types in every row.

    ``conclusion`` is the dataset's opinion of the image.
    """
    task = record.task
    return {
        "file_name": record.file,
        "region": task.region,
        "label": record.label,
        "view": task.slots.get(_VIEW_SLOT, task.view),  # tasks of earlier versions lack the slot's
        "findings": json.dumps(task.findings),
        "text": task.text,
        "negative_prompt": task.negative_prompt,
        "prompt_id": task.prompt_id,
        "slots": json.dumps(dict(task.slots), sort_keys=True),
        "seed": task.seed,
        "model": record.provenance.model,
        "scheduler": task.parameters.scheduler,
        "steps": task.parameters.steps,
        "guidance_scale": float(task.parameters.guidance_scale),
        "width": record.width,
        "height": record.height,
        "synthetic": True,
        "table_row": json.dumps(dict(task.table_row)),
        **_decision_columns(conclusion),
    }


def line(record: Record, conclusion: Conclusion = NO_CONCLUSION) -> bytes:
    """The row of ``record`` as a line of the file, with its line feed."""
    return json.dumps(row(record, conclusion)).encode() + b"\n"


def is_same(one: Record, other: Record) -> bool:
    """Whether both have the same row, apart from the decision."""
    return row(one) == row(other)


def without_decision(line: bytes) -> bytes:
    """``line`` without the columns that reviewers change; empty if it does not have them."""
    return line.rpartition(_DECISION)[0]


def is_undecided(line: bytes) -> bool:
    """Whether the row ``line`` ends as one without any opinion."""
    return line.endswith(_end(NO_CONCLUSION))


def append(path: Path, record: Record) -> None:
    """Add the row of ``record``, which has no decision yet. The caller holds :func:`locked`.

    Raises:
        DatasetError: the row could not be written.
    """
    append_line(path, line(record).decode().removesuffix("\n"))


def rewrite(path: Path, records: Iterable[tuple[Record, Conclusion]]) -> None:
    """Rewrite the file with these rows. The caller holds :func:`locked`.

    Raises:
        DatasetError: the file could not be written, and is unchanged.
    """
    write_whole(path, (line(*one) for one in records))


def replace_decisions(path: Path, conclusions: Iterable[tuple[str, Conclusion]]) -> bool:
    """Write the ``conclusions``, which follow their images' files, into the rows.

    They are in the order of the rows. Much faster than :func:`rewrite`, which is needed if this
    returns False because the file has other rows. The caller holds :func:`locked`.

    Raises:
        DatasetError: the file could not be read or written, and is unchanged.
    """
    with explained(path), path.open("rb") as lines:
        try:
            write_whole(path, _with_decisions(lines, conclusions))
        except _OutOfStepError:
            return False
    return True


def replace_rows(path: Path, changed: Mapping[str, Record]) -> None:
    """Replace the rows whose ``file_name`` is a key of ``changed``, except for their decisions.

    Much faster than :func:`rewrite` for a few rows. The caller holds :func:`locked`.

    Raises:
        DatasetError: the file could not be read or written, and is unchanged.
    """
    with explained(path):
        if not path.exists():
            return
        lines = path.read_bytes().splitlines(keepends=True)
    write_whole(path, (_replaced(old, changed) for old in lines))


def remove_rows(path: Path, files: Container[str]) -> None:
    """Remove the rows whose ``file_name`` is one of ``files``. The caller holds :func:`locked`.

    Raises:
        DatasetError: the file could not be read or written, and is unchanged.
    """
    with explained(path):
        if not path.exists():
            return
        lines = path.read_bytes().splitlines(keepends=True)
    write_whole(path, (line for line in lines if _file_of(line) not in files))


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
    """Whether the file has ``count`` complete rows, and the last row is of ``last``.

    The decision in the last row does not matter, but its columns do: earlier versions had others.

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
    wanted = without_decision(line(last))
    return without_decision(end.splitlines()[-1]) == wanted


def _with_decisions(
    lines: Iterable[bytes], conclusions: Iterable[tuple[str, Conclusion]]
) -> Iterator[bytes]:
    """The ``lines`` with the ``conclusions``.

    Raises:
        _OutOfStepError: there is a line too many or too few, or one of another file or version.
    """
    for old, found in zip_longest(lines, conclusions):
        if old is None or found is None:
            raise _OutOfStepError
        file, conclusion = found
        kept = without_decision(old)
        if not kept.startswith(_BEGINNING + file.encode() + b'"'):
            raise _OutOfStepError
        yield kept + _end(conclusion)


@lru_cache(maxsize=1024)  # most images have the same few
def _end(conclusion: Conclusion) -> bytes:
    """The end of a row, as in :func:`line`."""
    return b", " + json.dumps(_decision_columns(conclusion)).encode()[1:] + b"\n"


def _decision_columns(conclusion: Conclusion) -> dict[str, object]:
    """The last columns of a row, of which ``decision`` is the first."""
    return {
        "decision": conclusion.decision,
        "rating": conclusion.rating,
        "tags": json.dumps(conclusion.tags),
    }


def _replaced(old: bytes, changed: Mapping[str, Record]) -> bytes:
    """The new line of the record that ``old`` belongs to; ``old`` if it did not change."""
    file = _file_of(old)
    if file not in changed:
        return old
    new, kept = line(changed[file]), without_decision(old)
    return without_decision(new) + old[len(kept) :] if kept else new


def _file_of(line: bytes) -> str:
    """The ``file_name`` of a line; empty if it has none."""
    if line.startswith(_BEGINNING):  # as written here: no need to parse the JSON
        return line[len(_BEGINNING) : line.index(b'"', len(_BEGINNING))].decode()
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return str(content.get("file_name", "")) if isinstance(content, dict) else ""
