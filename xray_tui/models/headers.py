"""Reads the header of a .safetensors file: tensor names, shapes and sizes, without torch."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.text import clean

_MAX_HEADER = 100_000_000
"""Bytes; the safetensors format allows no more."""
_MAX_DIMENSIONS = 16
_DTYPE_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64"), 8),
}
"""Other formats are checked by the library that loads the file."""


@dataclass(frozen=True)
class WeightsHeader:
    """The content of a weights file according to its header; ``shapes`` is by tensor name."""

    path: Path
    shapes: Mapping[str, tuple[int, ...]]
    data_bytes: int

    @property
    def parameters(self) -> int:
        """The number of weights in the file."""
        return sum(math.prod(shape) for shape in self.shapes.values())


def read_header(path: Path) -> WeightsHeader:
    """Read and check the header of ``path``; the tensors themselves are not read.

    Raises:
        ModelError: not a safetensors file, or shorter or longer than its header says.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = int.from_bytes(start, "little")
            if len(start) < 8 or not 2 <= length <= min(_MAX_HEADER, max(size - 8, 2)):
                raise ModelError(_not_safetensors(path, start, size))
            raw = file.read(length)
        entries = json.loads(raw)
        entries.pop("__metadata__", None)
        tensors = {name: _tensor(entry) for name, entry in entries.items()}
    except OSError as error:
        raise ModelError(f"{clean(path)}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(
            f"{clean(path)}: its safetensors header is damaged; copy or download it again"
        ) from error
    data_bytes = max((end for _, end in tensors.values()), default=0)
    _check_length(path, size, 8 + length + data_bytes)
    shapes = {name: shape for name, (shape, _) in tensors.items()}
    return WeightsHeader(path, shapes, data_bytes)


def _tensor(entry: dict[str, Any]) -> tuple[tuple[int, ...], int]:
    """A tensor's shape, and the position where its bytes end.

    Raises:
        ValueError, TypeError, KeyError: the entry is invalid.
    """
    shape, (start, end) = tuple(entry["shape"]), entry["data_offsets"]
    if len(shape) > _MAX_DIMENSIONS:
        raise ValueError("too many dimensions")
    for number in (*shape, start, end):
        if type(number) is not int or not 0 <= number < 2**63:
            raise ValueError("not a size")
    width = _DTYPE_BYTES.get(entry["dtype"])
    if end < start or (width is not None and math.prod(shape) * width != end - start):
        raise ValueError("shape and bytes do not agree")
    return shape, end


def _check_length(path: Path, size: int, expected: int) -> None:
    if size == expected:
        return
    kind = "incomplete" if size < expected else "damaged"
    raise ModelError(
        f"{clean(path)}: {kind} ({size:,} bytes, its header says {expected:,}); "
        "copy or download it again"
    )


def _not_safetensors(path: Path, start: bytes, size: int) -> str:
    if size == 0:
        return f"{clean(path)}: the file is empty; copy or download it again"
    if start[:2] in (b"PK", b"\x80\x02") or start[:1] == b"\x80":
        return (
            f"{clean(path)}: a pickle file, which can run code when it is opened; "
            "use the .safetensors version of this model"
        )
    if start.startswith(b"version "):
        return f"{clean(path)}: a Git LFS pointer, not the weights; run 'git lfs pull'"
    return f"{clean(path)}: not a safetensors file, or incomplete; copy or download it again"


def read_json(path: Path) -> dict[str, Any]:
    """Read one of a checkpoint's small JSON files.

    Raises:
        ModelError: missing, unreadable, larger than 20 MB, or not a JSON object.
    """
    try:
        if path.stat().st_size > 20_000_000:
            raise ModelError(
                f"{clean(path)}: is larger than 20 MB, too large for a configuration file"
            )
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{clean(path)}: is missing; copy or download the model again") from error
    except OSError as error:
        raise ModelError(f"{clean(path)}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{clean(path)}: not valid JSON; copy or download the model again"
        ) from error
    if not isinstance(value, dict):
        raise ModelError(f"{clean(path)}: not a JSON object; copy or download the model again")
    return value
