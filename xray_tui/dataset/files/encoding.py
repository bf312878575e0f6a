"""Tasks and provenance as JSON, for the catalog and for the chunk inside each PNG.

Decoding is strict: a missing field, a wrong type or an unknown generation parameter is an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError
from xray_tui.tasks import Task
from xray_tui.text import clean


def encode(value: Task | Provenance) -> str:
    """``value`` as one line of JSON, ASCII only.

    Raises:
        DatasetError: a text in it is not valid Unicode, for example from a damaged file name.
    """
    # A task's id is computed when it is needed.
    fields = {name: part for name, part in vars(value).items() if name != "id"}
    if not fields.get("table_row", True):  # most images are from no table
        del fields["table_row"]
    text = _ASCII.encode(fields)
    if "\\ud" in text:  # an emoji, or an unpaired surrogate, which no reader accepts
        try:
            _UNICODE.encode(fields).encode()
        except UnicodeEncodeError as error:
            around = clean(error.object[max(0, error.start - 30) : error.end])
            raise DatasetError(
                f"cannot be stored, as this is not valid Unicode: …{around}; use another name"
            ) from error
    return text


def decode_task(text: str) -> Task:
    """Decode a task that :func:`encode` encoded.

    Raises:
        ValueError: ``text`` is not a valid task.
    """
    task: Task = _adapter(Task).validate_json(text, strict=True)
    return task


def decode_provenance(text: str) -> Provenance:
    """Decode provenance that :func:`encode` encoded.

    Raises:
        ValueError: ``text`` is not valid provenance.
    """
    provenance: Provenance = _adapter(Provenance).validate_json(text, strict=True)
    return provenance


def describe(error: ValueError) -> str:
    """The first problem of a failed decoding, in a few words."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return clean(f"{place}: {first['msg']}" if place else first["msg"])


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump()
    assert isinstance(value, Mapping)
    return dict(value)


_ASCII = json.JSONEncoder(default=_plain)
_UNICODE = json.JSONEncoder(default=_plain, ensure_ascii=False)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)  # building one takes milliseconds, so not at import
