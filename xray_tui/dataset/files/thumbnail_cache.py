"""A file of thumbnails that may be lost: whatever fails in it, it only remembers less."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 512 * 1024 * 1024
"""About: some 200,000 thumbnails. Those stored first are dropped first."""

_VERSION = 1
_TABLE = (
    "CREATE TABLE IF NOT EXISTS thumbnails"
    " (file BLOB PRIMARY KEY, modified INTEGER, size INTEGER, content)"
)
_DAMAGED = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_ERROR,  # no such table, for example
}
_PATIENCE = 0.2
"""Seconds waited for another process that writes."""
_PAUSE = 5.0
"""Seconds until what failed is tried again: failing may take a while each time."""
_LOOK_EVERY = 256
"""Thumbnails stored from one look at the bytes they take to the next."""


@dataclass(frozen=True)
class Stamp:
    """A file as it was when its thumbnail was made."""

    file: bytes
    modified: int
    """Nanoseconds."""
    size: int
    """Bytes."""


class ThumbnailCache:
    """The cache in the file ``path``, made where there is none. Usable from any thread.

    Nothing here raises: what cannot be read is not there, and what cannot be written is not kept.
    A damaged file is replaced. Other processes may use it at the same time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._resting: dict[str, float] = {}
        """Until when each kind of work is not tried."""
        self._stored = 0

    def get(self, stamp: Stamp) -> bytes | str | None:
        """What was stored for the file as it is; None where nothing was."""
        found = None
        with self._lock, self._forgiven("reading"):
            if self._is_awake("reading"):
                found = (
                    self._opened()
                    .execute(
                        "SELECT content FROM thumbnails"
                        " WHERE file = ? AND modified = ? AND size = ?",
                        (stamp.file, stamp.modified, stamp.size),
                    )
                    .fetchone()
                )
        return found[0] if found and isinstance(found[0], (bytes, str)) else None

    def put(self, stamp: Stamp, content: bytes | str) -> None:
        """Store ``content`` for a file, in place of what there is."""
        with self._lock, self._forgiven("writing"):
            if self._is_awake("writing"):
                connection = self._opened()
                connection.execute(
                    "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?)",
                    (stamp.file, stamp.modified, stamp.size, content),
                )
                self._stored += 1
                if self._stored % _LOOK_EVERY == 0:
                    _make_room(connection)

    def close(self) -> None:
        """Close the file; it is opened again if need be."""
        with self._lock:
            self._close()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
            )
            _prepare(self._connection)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_awake(self, what: str) -> bool:
        return time.monotonic() >= self._resting.get(what, 0.0)

    @contextmanager
    def _forgiven(self, what: str) -> Iterator[None]:
        """Let ``what`` rest after a failure. The file is opened anew then: it may be another."""
        try:
            yield
        except sqlite3.Error as error:
            self._close()
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code & 0xFF not in _DAMAGED or not self._remove():
                self._resting[what] = time.monotonic() + _PAUSE

    def _remove(self) -> bool:
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the table. A killed process does no harm; a power cut may, and the file is replaced."""
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = OFF")
    ((version,),) = connection.execute("PRAGMA user_version")
    if version == 0:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise sqlite3.DatabaseError("made by another version")


def _make_room(connection: sqlite3.Connection) -> None:
    """Drop an eighth of what there is if that is more than :data:`MAX_BYTES`."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > MAX_BYTES:
        connection.execute(
            "DELETE FROM thumbnails WHERE rowid IN (SELECT rowid FROM thumbnails ORDER BY rowid"
            " LIMIT (SELECT count(*) / 8 + 1 FROM thumbnails))"
        )
