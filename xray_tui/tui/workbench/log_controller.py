"""The log of the workbench: lines go to the pane and to the file, answers also to a toast."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from textual.screen import Screen

from xray_tui.dataset.files.log_file import LogFile
from xray_tui.generation.events import LogLevel, LogLine
from xray_tui.text import clean
from xray_tui.tui.workbench.log_view import LogView

_TOAST_LENGTH = 160
"""Characters a toast may have, as it covers part of the screen; the log has the whole text."""
_SEVERITY: dict[LogLevel, Literal["warning", "error"]] = {"warning": "warning", "error": "error"}


class LogController:
    """Writes the log at ``path`` and shows it in the log pane of ``screen``; in the UI thread."""

    def __init__(self, screen: Screen, path: Path) -> None:
        self._screen = screen
        self._file = LogFile(path)

    @property
    def problem(self) -> str:
        """Why the file cannot be written; empty if it can."""
        return self._file.problem

    def add(self, line: LogLine) -> None:
        """Add a line to the pane and the file."""
        self._screen.query_one(LogView).add(line)
        self._file.write(line.level, line.text, line.when)

    def announce(self, level: LogLevel, text: str) -> None:
        """Add a line, and show it in a toast."""
        self.add(LogLine(level, text))
        self._screen.notify(
            clean(_shortened(text), keep_newlines=True),
            severity=_SEVERITY.get(level, "information"),
            markup=False,
        )


def _shortened(text: str) -> str:
    """``text``, or its first line if it is too long for a toast."""
    lines = text.splitlines()
    if len(text) <= _TOAST_LENGTH and len(lines) <= 3:
        return text
    return f"{lines[0][:_TOAST_LENGTH]}… (see the log for the rest)"
