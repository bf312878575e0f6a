"""A cache file of thumbnails. No failure is reported: at worst, thumbnails are created again."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 512 * 1024 * 1024
"""Approximate size limit, for some 200,000 thumbnails. The oldest are removed first."""

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
_TIMEOUT = 0.2
"""Seconds to wait while another process writes."""
_RETRY_AFTER = 5.0
"""Seconds until a failed operation is tried again: each failure may take a while."""
_CHECK_SIZE_EVERY = 256
"""Thumbnails stored between two checks of the file's size."""


@dataclass(frozen=True)
class Stamp:
    """Identifies one version of a file."""

    file: bytes
    modified: int
    """Nanoseconds."""
    size: int
    """Bytes."""


class ThumbnailCache:
    """The cache in the file ``path``, created if missing. Usable from any thread.

    No method raises: a thumbnail that cannot be read counts as missing, and one that cannot be
    written is not kept. A damaged file is replaced. Other processes may use it at the same time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._retry_at: dict[str, float] = {}
        """When "reading" and "writing" may be tried again after a failure."""
        self._stored = 0

    def get(self, stamp: Stamp) -> bytes | str | None:
        """The content stored for this version of the file, or None."""
        found = None
        with self._lock, self._tolerated("reading"):
            if self._may_try("reading"):
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
        """Store ``content`` for this version of a file, replacing any other."""
        with self._lock, self._tolerated("writing"):
            if self._may_try("writing"):
                connection = self._opened()
                connection.execute(
                    "INSERT OR REPLACE INTO thumbnails VALUES (?, ?, ?, ?)",
                    (stamp.file, stamp.modified, stamp.size, content),
                )
                self._stored += 1
                if self._stored % _CHECK_SIZE_EVERY == 0:
                    _make_room(connection)

    def close(self) -> None:
        """Close the file; it is opened again when needed."""
        with self._lock:
            self._close()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = sqlite3.connect(
                self._path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=False
            )
            _prepare(self._connection)
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _may_try(self, what: str) -> bool:
        return time.monotonic() >= self._retry_at.get(what, 0.0)

    @contextmanager
    def _tolerated(self, what: str) -> Iterator[None]:
        """After a failure, skip ``what`` for a while and reopen the file; it may be a new one."""
        try:
            yield
        except sqlite3.Error as error:
            self._close()
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code & 0xFF not in _DAMAGED or not self._remove():
                self._retry_at[what] = time.monotonic() + _RETRY_AFTER

    def _remove(self) -> bool:
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return False
        return True


def _prepare(connection: sqlite3.Connection) -> None:
    """Create the table. Only a power cut can damage the file, which is then replaced."""
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = OFF")
    ((version,),) = connection.execute("PRAGMA user_version")
    if version == 0:
        connection.execute(_TABLE)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
    elif version != _VERSION:
        raise sqlite3.DatabaseError("written by another version")


def _make_room(connection: sqlite3.Connection) -> None:
    """Remove the oldest eighth of the thumbnails if they take up more than :data:`MAX_BYTES`."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > MAX_BYTES:
        connection.execute(
            "DELETE FROM thumbnails WHERE rowid IN (SELECT rowid FROM thumbnails ORDER BY rowid"
            " LIMIT (SELECT count(*) / 8 + 1 FROM thumbnails))"
        )
