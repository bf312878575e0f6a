"""What SQLite reports, as errors a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xray_tui.errors import (
    CatalogDamagedError,
    DatasetDeniedError,
    DatasetError,
    DatasetFullError,
)
from xray_tui.text import clean

_DAMAGED = {
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is not a catalog of xray-tui",
    sqlite3.SQLITE_FORMAT: "it is damaged",
    sqlite3.SQLITE_MISMATCH: "it is damaged",
    sqlite3.SQLITE_TOOBIG: "it is damaged",
    sqlite3.SQLITE_CONSTRAINT: "it is damaged",
}
_DAMAGED_IN_DETAIL = {sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS}
_DAMAGED_SAYS = ("no such table", "no such column", "malformed", "unsupported file format", "utf-8")
"""How SQLite's unspecific error begins or what it holds when the tables are not as they were."""

_PLEASE = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked; close that one and start again",
    sqlite3.SQLITE_FULL: "the disk is full; make room and start again",
    sqlite3.SQLITE_READONLY: "no permission to write it; change its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or made; check the permissions of its folder",
    sqlite3.SQLITE_IOERR: "it cannot be written; is there room on the disk, or a limit on files?",
}
_MAY_PASS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,  # its journal
    sqlite3.SQLITE_IOERR,
}


def damaged(path: Path, why: str) -> CatalogDamagedError:
    """The error for a catalog at ``path`` that cannot be read."""
    root = path.parent.parent
    return CatalogDamagedError(
        f"{path}: {clean(why)}; make it anew from the images with: xray-tui rebuild {root}"
    )


@contextmanager
def explain(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into a :class:`DatasetError` that names ``path`` and says what to do.

    ``writing`` makes what may pass by itself a :class:`DatasetFullError`.
    """
    try:
        yield
    except sqlite3.Error as error:
        explained = _explained(path, error, writing)
        if explained is None:
            raise  # not the user's doing
        raise explained from error
    except UnicodeDecodeError as error:
        raise damaged(path, f"it is damaged ({error.reason})") from error


def _explained(path: Path, error: sqlite3.Error, writing: bool) -> DatasetError | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if primary in _DAMAGED or code in _DAMAGED_IN_DETAIL:
        return damaged(path, f"{_DAMAGED.get(primary, 'it is damaged')} ({error})")
    if primary == sqlite3.SQLITE_ERROR and any(
        says in str(error).lower() for says in _DAMAGED_SAYS
    ):
        return damaged(path, f"it is damaged ({error})")
    if primary not in _PLEASE:
        return None
    message = f"{path}: {_PLEASE[primary]} ({error})"
    if writing and primary == sqlite3.SQLITE_READONLY:
        return DatasetDeniedError(message)
    if writing and primary in _MAY_PASS:
        return DatasetFullError(message)
    return DatasetError(message)
