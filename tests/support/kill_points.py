"""Kills its own process at a chosen point of the save path."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

CALLS = ("fsync", "replace", "link", "unlink")
"""Functions of ``os`` that make a save durable; the catalog's COMMIT is the fifth such call."""


class KillPoint:
    """Kills this process before or after call number ``calls`` that makes a save durable."""

    def __init__(self, calls: int, *, before: bool) -> None:
        self._left = calls
        self._before = before

    def install(self) -> None:
        for name in CALLS:
            setattr(os, name, self._counted(getattr(os, name)))
        point, connect = self, sqlite3.connect

        class CountedConnection(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                real = super().execute
                return point._counted(real)(sql, *values) if sql == "COMMIT" else real(sql, *values)

        sqlite3.connect = lambda *args, **options: connect(
            *args, factory=CountedConnection, **options
        )

    def _counted(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            now = self._left == 0
            if now and self._before:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **options)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call
