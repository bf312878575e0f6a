"""Turns SQLite's errors into dataset errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xray_tui.commands import command
from xray_tui.dataset.catalog.rows import WrongKindError
from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import READ_ONLY
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
_DAMAGED_EXTENDED_CODES = {sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS}
_DAMAGED_MESSAGES = (
    "no such table",
    "no such column",
    "already exists",
    "duplicate column name",
    "malformed",
    "unsupported file format",
    "utf-8",
)
"""Parts of the message of SQLite's generic error that mean damaged tables."""

_ADVICE = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked; close that process",
    sqlite3.SQLITE_FULL: "the disk is full; make room",
    sqlite3.SQLITE_READONLY: "no permission to write it; change its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or created; check the permissions of its folder",
    sqlite3.SQLITE_IOERR: "it cannot be written; the disk may be full, or file sizes limited",
}
_AMBIGUOUS = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,  # perhaps only its journal
    sqlite3.SQLITE_IOERR,
}
"""Codes that SQLite uses for several problems."""


def damaged(path: Path, why: str) -> CatalogDamagedError:
    """The error for a catalog at ``path`` that cannot be read."""
    root = path.parent.parent
    rebuild = command("rebuild", dataset=root)
    return CatalogDamagedError(f"{path}: {clean(why)}; rebuild it from the images with: {rebuild}")


def gone(path: Path) -> DatasetError:
    """The error for a catalog at ``path`` that no longer exists."""
    root = path.parent.parent
    return layout.gone(root) if layout.is_missing(root) else layout.gone(path, "the catalog")


@contextmanager
def explain(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into a :class:`DatasetError` that names ``path`` and says what to do.

    With ``writing``, a problem that may go away is a :class:`DatasetFullError`.
    """
    try:
        yield
    except sqlite3.Error as error:
        explained = _explained(path, error, writing)
        if explained is None:
            raise  # a programming error
        raise explained from error
    except UnicodeDecodeError as error:
        raise damaged(path, f"it is damaged ({error.reason})") from error
    except WrongKindError as error:
        raise damaged(path, f"it is damaged ({error})") from error


def _explained(path: Path, error: sqlite3.Error, writing: bool) -> DatasetError | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    primary = code & 0xFF
    if primary in _DAMAGED or code in _DAMAGED_EXTENDED_CODES:
        return damaged(path, f"{_DAMAGED.get(primary, 'it is damaged')} ({error})")
    if primary == sqlite3.SQLITE_ERROR and any(
        part in str(error).lower() for part in _DAMAGED_MESSAGES
    ):
        return damaged(path, f"it is damaged ({error})")
    if primary not in _ADVICE:
        return None
    if primary == sqlite3.SQLITE_CANTOPEN and layout.is_missing(path.parent):
        return gone(path)
    message = f"{path}: {_ADVICE[primary]} ({error})"
    return _unwritable(path, code, message) if writing else DatasetError(message)


def _unwritable(path: Path, code: int, message: str) -> DatasetError:
    """The error for a failed write; ``message`` is based on SQLite's code alone."""
    primary = code & 0xFF
    if code == sqlite3.SQLITE_READONLY_DBMOVED or layout.is_missing(path):
        return gone(path)
    if primary in _AMBIGUOUS and _is_on_read_only(path.parent):
        return DatasetFullError(f"{path}: {READ_ONLY}")
    if primary == sqlite3.SQLITE_READONLY:
        return DatasetDeniedError(message)
    return DatasetFullError(message)


def _is_on_read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
