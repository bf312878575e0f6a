"""Errors of the program: the traceback goes to the log file, typed text to a file next to it."""

from __future__ import annotations

import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual.app import App
from textual.widgets import Input, TextArea

from xray_tui.dataset.files.log_file import LogFile
from xray_tui.text import clipped

MOST_SURVIVED = 5
WINDOW_SECONDS = 5.0
"""After more than ``MOST_SURVIVED`` errors within this time the app cannot continue."""
UNSAVED = "unsaved-text.txt"


class CrashReport:
    """Writes errors to the log at ``log_path``, and says whether the app can continue."""

    def __init__(self, log_path: Path) -> None:
        self._log_path = log_path
        self._survived: deque[float] = deque(maxlen=MOST_SURVIVED)
        self._reported: Exception | None = None
        self._dropped: set[tuple[object, ...]] = set()
        self.sentence = ""
        """The message for the user after an error that has ended the app; empty before."""

    def survive(self, error: Exception) -> str:
        """Log ``error``; returns the text of a toast, empty if there were too many errors."""
        now = time.monotonic()
        if len(self._survived) == MOST_SURVIVED and now - self._survived[0] < WINDOW_SECONDS:
            return ""
        self._survived.append(now)
        self._log(error)
        return (
            f"An error in xray-tui: {_name(error)}. You can continue. "
            f"The traceback is in {self._log_path}"
        )

    def drop(self, error: Exception) -> None:
        """Log ``error`` of a widget that is being removed; the user need not know about it.

        The same error at the same place is logged only once.
        """
        place = traceback.extract_tb(error.__traceback__)[-1:]
        kind = (type(error), *((frame.filename, frame.lineno) for frame in place))
        if kind not in self._dropped:
            self._dropped.add(kind)
            self._write(error, "debug", "dropped, as its widget was being removed:")

    def end(self, error: Exception, app: App[Any]) -> None:
        """Log ``error``, which ends the app, save text that is being typed, and say so."""
        if self.sentence:
            return  # an error on the way out
        self._log(error)
        parts = [f"xray-tui: ended by an error in the program, {_name(error)}."]
        parts.append("Images and reviews are saved.")
        if text := "\n\n".join(_typed(app)):
            path = self._log_path.with_name(UNSAVED)
            with suppress(OSError):
                path.write_text(text + "\n", encoding="utf-8", errors="replace")
                parts.append(f"The text being typed is in {path}.")
        parts.append(f"The traceback is in {self._log_path}")
        self.sentence = " ".join(parts)

    def _log(self, error: Exception) -> None:
        if error is not self._reported:
            self._reported = error
            self._write(error, "error")

    def _write(self, error: Exception, level: str, head: str = "") -> None:
        """Write the traceback of ``error`` into the log, below a line ``head``."""
        log, now = LogFile(self._log_path), time.time()
        lines = "".join(traceback.format_exception(error)).splitlines()
        for text in [head, *lines] if head else lines:
            log.write(level, text, now)
        log.close()


def _name(error: Exception) -> str:
    return clipped(f"{type(error).__name__}: {error}")


def _typed(app: App[Any]) -> Iterator[str]:
    """The text in the fields of the open dialogs, which lie above the first real screen."""
    for screen in app.screen_stack[2:]:
        for field in screen.query("Input, TextArea").results():
            text = field.value if isinstance(field, Input) else ""
            text = field.text if isinstance(field, TextArea) else text
            if text.strip():
                yield f"{field.id or type(field).__name__}: {text}"
