"""The log on disk: one line per event, rotated so that it never fills the disk."""

from __future__ import annotations

import contextlib
import logging
import sys
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path

from xray_tui.text import clean

MAX_BYTES = 1_000_000
BACKUPS = 3


class LogFile:
    """Writes lines to ``path``. If that fails, lines are dropped and ``problem`` says why."""

    def __init__(self, path: Path) -> None:
        self.problem = ""
        """Why nothing is written, to be shown to the user once; empty while writing works."""
        self._path = path
        self._handler: _Handler | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handler = _Handler(
                path, maxBytes=MAX_BYTES, backupCount=BACKUPS, encoding="utf-8"
            )
        except OSError as error:
            self._give_up(error)

    def write(self, level: str, text: str, when: float) -> None:
        """Add one line; ``when`` is in seconds since the epoch."""
        if self._handler is None:
            return
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))
        record = logging.makeLogRecord({"msg": f"{stamp} {level:7} {clean(text)}"})
        try:
            self._handler.emit(record)
        except (OSError, ValueError) as error:  # ValueError: the file was closed
            self._give_up(error)

    def close(self) -> None:
        """Close the file; lines written later are dropped."""
        if self._handler is not None:
            with contextlib.suppress(OSError):
                self._handler.close()
            self._handler = None

    def _give_up(self, error: Exception) -> None:
        self.close()
        why = error.strerror if isinstance(error, OSError) else str(error)
        self.problem = f"{self._path}: the log cannot be written ({why}); continuing without it"


class _Handler(RotatingFileHandler):
    """Lets errors through: logging would print them to stderr, in the middle of the screen."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exception()
        assert error is not None  # logging calls this while handling one
        raise error
