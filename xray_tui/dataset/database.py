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

from xray_tui.dataset.database_errors import damaged, explain
from xray_tui.errors import DatasetError

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    created TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT NOT NULL DEFAULT '',
    place INTEGER NOT NULL,
    request TEXT NOT NULL DEFAULT '{}',
    batch_limit INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    started TEXT NOT NULL DEFAULT '',
    finished TEXT NOT NULL DEFAULT ''
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
CREATE INDEX tasks_in_order ON tasks (job_id, batch, position, state);
CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
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


class Database:
    """The database at ``path``, made with its tables where there is none. Usable from any thread.

    Raises:
        CatalogDamagedError: SQLite cannot read it, at once or, as with every method, at any later
            time.
        DatasetFullError: it cannot be written now (in a transaction).
        DatasetError: written by a newer xray-tui, or SQLite cannot do what is asked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        with explain(path):
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

    def read(
        self, sql: str, values: Sequence[object] = (), kinds: Sequence[type] = ()
    ) -> list[tuple[Any, ...]]:
        """All rows of a query; ``kinds`` are what its first columns have to be."""
        with self._lock, explain(self.path):
            rows = self._connection.execute(sql, values).fetchall()
        for place, kind in enumerate(kinds):  # SQLite stores anything in any column
            if not all(isinstance(row[place], kind) for row in rows):
                raise damaged(self.path, "it is damaged (a value is not what it was)")
        return rows

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done within is stored, durably, or nothing of it."""
        with self._lock, explain(self.path, writing=True):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk makes SQLite roll back itself
                    self._connection.execute("ROLLBACK")
                raise

    def integrity_problems(self) -> list[str]:
        """What SQLite's own check finds, in its words; it reads the whole file."""
        found = [str(line) for (line,) in self.read("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def _prepare(self) -> None:
        with explain(self.path):
            self._connection.execute("PRAGMA journal_mode = TRUNCATE")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        if self._version() == 0:
            self._create()
        if self._version() > SCHEMA_VERSION:
            raise DatasetError(
                f"{self.path}: written by a newer xray-tui (catalog version {self._version()}, "
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
                raise damaged(self.path, "it is not a catalog of xray-tui")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)  # executescript would commit at once
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def storable(text: str) -> str:
    """``text`` with halves of surrogate pairs replaced, which SQLite does not take."""
    return text.encode(errors="replace").decode()
