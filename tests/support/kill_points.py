"""Processes that kill themselves at a chosen point."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any, NoReturn

CALLS = ("fsync", "replace", "link", "unlink")
"""Functions of ``os`` that make a save durable; the catalog's COMMIT is the fifth such call."""


def kill_this(*_: object) -> NoReturn:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def assert_killed(work: Callable[[], object]) -> None:
    """Do ``work`` in a child of this process, and assert that it kills itself there."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


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
                kill_this()
            result = real(*arguments, **options)
            if now:
                kill_this()
            return result

        return call
