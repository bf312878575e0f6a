"""The SQLite file behind the catalog: its tables, transactions, and errors a person can act on.

Rollback journal and full synchronisation, not WAL: SQLite before 3.51.3 can corrupt a WAL database
that two connections use, and WAL does not work on network file systems.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xray_tui.errors import DatasetError

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT ''
);
CREATE TABLE tasks (
    job_id TEXT NOT NULL REFERENCES jobs (id),
    task_id TEXT NOT NULL,
    batch INTEGER NOT NULL,
    position INTEGER NOT NULL,
    task TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (job_id, task_id)
);
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    task_id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL,
    prompt_id TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    task TEXT NOT NULL,
    provenance TEXT NOT NULL
);
CREATE INDEX records_by_prompt ON records (prompt_id);
CREATE TABLE reviews (
    record_id INTEGER PRIMARY KEY REFERENCES records (id),
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'rejected', 'undecided')),
    reviewer TEXT NOT NULL,
    reviewed TEXT NOT NULL
);
"""
_PLEASE = {
    sqlite3.SQLITE_BUSY: "another process keeps it locked; close that one and start again",
    sqlite3.SQLITE_FULL: "the disk is full; make room and start again",
    sqlite3.SQLITE_READONLY: "no permission to write it; change its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or made; check the permissions of its folder",
    sqlite3.SQLITE_IOERR: "it cannot be written; is there room on the disk, or a limit on files?",
    sqlite3.SQLITE_CORRUPT: "it is damaged; move it away, the images stay",
    sqlite3.SQLITE_NOTADB: "it is not a catalog of xray-tui; move it away, the images stay",
}


class Database:
    """The database at ``path``, made with its tables where there is none. Usable from any thread.

    Raises:
        DatasetError: not a catalog, written by a newer xray-tui, or not writable. Every method
            raises it too when SQLite cannot do what is asked.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._explained():
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close it; it cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def read(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with self._lock, self._explained():
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done within is stored, durably, or nothing of it."""
        with self._lock, self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk makes SQLite roll back itself
                    self._connection.execute("ROLLBACK")
                raise

    def _prepare(self) -> None:
        with self._explained():
            self._connection.execute("PRAGMA journal_mode = TRUNCATE")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        if self._version() == 0:
            self._create()
        if self._version() > SCHEMA_VERSION:
            raise DatasetError(
                f"{self._path}: written by a newer xray-tui (catalog version {self._version()}, "
                f"this one knows {SCHEMA_VERSION}); update xray-tui"
            )

    def _version(self) -> int:
        ((version,),) = self.read("PRAGMA user_version")
        return int(version)

    def _create(self) -> None:
        with self.transaction() as connection:
            if self._version() != 0:  # another process was faster
                return
            if self.read("SELECT 1 FROM sqlite_master LIMIT 1"):
                raise DatasetError(f"{self._path}: {_PLEASE[sqlite3.SQLITE_NOTADB]}")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)  # executescript would commit at once
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            primary_code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if primary_code not in _PLEASE:
                raise  # not the user's doing
            raise DatasetError(f"{self._path}: {_PLEASE[primary_code]} ({error})") from error
