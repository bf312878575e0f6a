"""Reads a catalog without changing it: it is not created, brought up to date or repaired."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any


def read(path: Path, sql: str, values: Sequence[object] = (), *, wait: float = 0.0) -> list[Any]:
    """The rows of a query on the catalog at ``path``.

    ``wait`` is how many seconds it may be locked by a process that writes.

    Raises:
        sqlite3.Error: it does not exist, is locked or damaged, or is of a version without these
            tables or columns.
    """
    try:
        location = path.absolute().as_uri()
    except (ValueError, OSError) as error:  # a path that no file can have; a deleted folder
        raise sqlite3.OperationalError(str(error)) from error
    with closing(sqlite3.connect(f"{location}?mode=ro", uri=True, timeout=wait)) as connection:
        return connection.execute(sql, values).fetchall()
