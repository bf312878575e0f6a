"""Writing where it may not be possible now, on a full disk for example: tried until it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from xray_tui.errors import DatasetFullError
from xray_tui.generation.events import Event, JobStateChanged, LogLine
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.sampling.watcher import Interrupted

ROOM_POLL_SECONDS = 2.0
"""How often it is tried again."""

Result = TypeVar("Result")


class DiskWait:
    """Waits for room, or permission, on behalf of one job, and says so. Usable from any thread."""

    def __init__(self, job_id: str, control: RunControl, emit: Callable[[Event], None]) -> None:
        self._job_id = job_id
        self._control = control
        self._emit = emit

    def until_written(self, write: Callable[[], Result]) -> Result:
        """What ``write`` returns, once it can write.

        Raises:
            Interrupted: the job is to be left meanwhile.
        """
        told = False
        while True:
            try:
                result = write()
            except DatasetFullError as error:
                if not told:
                    told = True
                    self._emit(LogLine("error", f"{error}; the job waits and goes on by itself"))
                    self._emit(JobStateChanged(self._job_id, "paused"))
                self._control.between_steps(self._job_id)
                if self._control.stopping:
                    raise Interrupted from None
                self._control.sleep(ROOM_POLL_SECONDS)
                continue
            if told:
                self._emit(LogLine("info", "it can be written again: the job goes on"))
                self._emit(JobStateChanged(self._job_id, "running"))
            return result
