"""What SQLite reports, as errors a person can act on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xray_tui.dataset.catalog.rows import WrongKindError
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
_DAMAGED_IN_DETAIL = {sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS}
_DAMAGED_SAYS = (
    "no such table",
    "no such column",
    "already exists",
    "malformed",
    "unsupported file format",
    "utf-8",
)
"""How SQLite's unspecific error begins or what it holds when the tables are not as they were."""

_PLEASE = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked; close that one",
    sqlite3.SQLITE_FULL: "the disk is full; make room",
    sqlite3.SQLITE_READONLY: "no permission to write it; change its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or made; check the permissions of its folder",
    sqlite3.SQLITE_IOERR: "it cannot be written; is there room on the disk, or a limit on files?",
}
_UNCLEAR = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,  # its journal
    sqlite3.SQLITE_IOERR,
}
"""What SQLite says for more than one reason."""


def damaged(path: Path, why: str) -> CatalogDamagedError:
    """The error for a catalog at ``path`` that cannot be read."""
    root = path.parent.parent
    return CatalogDamagedError(
        f"{path}: {clean(why)}; make it anew from the images with: xray-tui rebuild {root}"
    )


def gone(path: Path) -> DatasetError:
    """The error for a catalog at ``path`` that was there, and is not any more."""
    root = path.parent.parent
    what = f"{root}: the dataset folder" if is_missing(root) else f"{path}: the catalog"
    return DatasetError(
        f"{what} was deleted or moved away; nothing more is saved here, start xray-tui again"
    )


def is_missing(path: Path) -> bool:
    """Whether there is surely nothing at ``path``."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False


@contextmanager
def explain(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Turn SQLite's errors into a :class:`DatasetError` that names ``path`` and says what to do.

    ``writing`` makes what may pass a :class:`DatasetFullError`.
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
    except WrongKindError as error:
        raise damaged(path, f"it is damaged ({error})") from error


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
    return _unwritable(path, code, message) if writing else DatasetError(message)


def _unwritable(path: Path, code: int, message: str) -> DatasetError:
    """The error for what cannot be written; ``message`` is what SQLite makes of it."""
    primary = code & 0xFF
    if code == sqlite3.SQLITE_READONLY_DBMOVED or is_missing(path):
        return gone(path)
    if primary in _UNCLEAR and _is_on_read_only(path.parent):
        return DatasetFullError(f"{path}: {READ_ONLY}")
    if primary == sqlite3.SQLITE_READONLY:
        return DatasetDeniedError(message)
    return DatasetFullError(message)


def _is_on_read_only(folder: Path) -> bool:
    try:
        return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
    except OSError:
        return False
