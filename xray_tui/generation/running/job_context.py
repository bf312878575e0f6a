"""The context that all parts of a job's run share: its id, requests to stop, and its events."""

from __future__ import annotations

from dataclasses import dataclass

from xray_tui.generation.events import Emit, LogLevel, LogLine
from xray_tui.generation.running.control import RunControl


@dataclass(frozen=True)
class JobContext:
    """One run of the job ``job_id``. Usable from every thread of the run."""

    job_id: str
    control: RunControl
    emit: Emit

    def log(self, level: LogLevel, text: str) -> None:
        """Emit a line for the log."""
        self.emit(LogLine(level, text))
