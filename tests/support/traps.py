"""Kills the process it is set in at a chosen place of the save path."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

CALLS = ("fsync", "replace", "link", "unlink")
"""Functions of ``os`` that the save path ends in; the catalog's commit is the fifth place."""


class Trap:
    """Kills this process around one call of those that make a saved image durable."""

    def __init__(self, calls: int, *, before: bool) -> None:
        self._left = calls
        self._before = before

    def set(self) -> None:
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name)))
        trap, connect = self, sqlite3.connect

        class Trapped(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                real = super().execute
                return trap._around(real)(sql, *values) if sql == "COMMIT" else real(sql, *values)

        sqlite3.connect = lambda *args, **options: connect(*args, factory=Trapped, **options)

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
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
