"""The SQLite file of the catalog: opening, reading, transactions, and errors with advice.

It uses a rollback journal with full synchronisation, not WAL: SQLite before 3.51.3 can corrupt a
WAL database that two connections use, and WAL does not work on network file systems.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from xray_tui.dataset.catalog import rows, schema
from xray_tui.dataset.catalog.database_errors import damaged, explain
from xray_tui.dataset.catalog.rows import Row, Value
from xray_tui.errors import DatasetError

_CHUNK = 500
"""Values bound in one statement: SQLite limits them, and other threads can read in between."""


class Database:
    """The database at ``path``, created with its tables if missing. Usable from any thread.

    Every method may raise these, too:

    Raises:
        CatalogDamagedError: SQLite cannot read the file, or a value has the wrong type.
        DatasetFullError: the file cannot be written now (in a transaction).
        DatasetError: written by a newer xray-tui, or SQLite cannot open or lock the file.
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
        """Close the database; it cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def select(self, row_type: type[Row], rest: str, values: Sequence[object] = ()) -> list[Row]:
        """The rows of ``SELECT (fields of row_type) rest``.

        ``rest`` begins with ``FROM``.
        """
        found = self.read(rows.statement(row_type, rest), values)
        with explain(self.path):
            return rows.parse(row_type, found)

    def select_in(
        self,
        row_type: type[Row],
        rest: str,
        wanted: Iterable[object],
        values: Sequence[object] = (),
    ) -> Iterator[Row]:
        """Like :meth:`select`, for rows with a value in ``wanted``; ``rest`` ends with ``IN``.

        There may be any number of values. The rows come in no particular order.
        """
        remaining = iter(wanted)
        while part := list(islice(remaining, _CHUNK)):
            marks = ",".join("?" * len(part))
            yield from self.select(row_type, f"{rest} ({marks})", (*values, *part))

    def column(self, kind: type[Value], sql: str, values: Sequence[object] = ()) -> list[Value]:
        """The values of a query with one column, which are of type ``kind``."""
        found = self.read(sql, values)
        with explain(self.path):
            return rows.parse_column(kind, found)

    def read(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query as tuples, without a check of their types."""
        with self._lock, explain(self.path):
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements that are stored durably as a whole, or not at all."""
        with self._lock, explain(self.path, writing=True):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # on a full disk SQLite has rolled back already
                    self._connection.execute("ROLLBACK")
                raise

    def integrity_problems(self) -> list[str]:
        """Problems found by SQLite's own check, which reads the whole file."""
        found = [str(line) for (line,) in self.read("PRAGMA integrity_check")]
        return [] if found == ["ok"] else found

    def _prepare(self) -> None:
        with explain(self.path):
            self._connection.execute("PRAGMA journal_mode = TRUNCATE")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA foreign_keys = ON")
        if self._version() < schema.SCHEMA_VERSION:
            self._bring_up_to_date()
        if self._version() > schema.SCHEMA_VERSION:
            raise DatasetError(
                f"{self.path}: written by a newer xray-tui (catalog version {self._version()}, "
                f"this one knows {schema.SCHEMA_VERSION}); update xray-tui"
            )

    def _version(self) -> int:
        ((version,),) = self.read("PRAGMA user_version")
        return int(version)

    def _bring_up_to_date(self) -> None:
        with self.transaction() as connection:
            version = self._version()  # another process may have migrated it already
            if version == 0:
                if self.read("SELECT 1 FROM sqlite_master LIMIT 1"):
                    raise damaged(self.path, "it is not a catalog of xray-tui")
                schema.create(connection)
            elif version < 0:
                raise damaged(self.path, f"it is damaged (version {version})")
            elif version < schema.SCHEMA_VERSION:
                schema.migrate(connection, version)


def storable(text: str) -> str:
    """``text`` with unpaired surrogates replaced, because SQLite does not accept them."""
    return text.encode(errors="replace").decode()
