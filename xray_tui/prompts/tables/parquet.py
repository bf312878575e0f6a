"""Parquet files as tables: each row becomes a line of JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from xray_tui.errors import TableError
from xray_tui.extras import lacking
from xray_tui.prompts.tables.header import check_names
from xray_tui.text import clipped

if TYPE_CHECKING:
    import pyarrow as pa

_AT_ONCE = 100
"""Rows that are in memory."""


def parquet_lines(name: str, file: BinaryIO) -> Iterator[str]:
    """The rows of the Parquet file ``file``, which messages call ``name``, as JSON objects.

    Columns that hold bytes, such as images, are left out. Dates are texts as in ISO 8601. What is
    missing, or no number, is null.

    Raises:
        TableError: it cannot be read, or pyarrow is not installed.
    """
    if reason := lacking("pyarrow", "parquet"):
        raise TableError(f"{name}: {reason}")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file)
        names = table.schema_arrow.names
        check_names(name, names)
        columns = [field.name for field in table.schema_arrow if not _has_bytes(field.type)]
        for batch in table.iter_batches(_AT_ONCE, columns=columns):
            for row in batch.to_pylist():
                yield json.dumps(_plain(row), ensure_ascii=False)
    except (pa.ArrowException, OSError) as error:
        reason = clipped(str(error).partition("\n")[0], 100)
        raise TableError(
            f"{name}: is damaged or not a Parquet file ({reason}); write the file again"
        ) from error


def _has_bytes(kind: pa.DataType) -> bool:
    from pyarrow import types

    is_binary = types.is_binary(kind) or types.is_large_binary(kind)
    inner = (kind.field(number).type for number in range(kind.num_fields))
    return is_binary or types.is_fixed_size_binary(kind) or any(map(_has_bytes, inner))


def _plain(value: Any) -> Any:
    """``value`` as JSON knows it."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        value = float(value)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, date | time):
        return value.isoformat()
    return value if isinstance(value, str | int | float) else str(value)
