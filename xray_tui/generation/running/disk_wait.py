"""Repeats a write until it succeeds: the disk may be full or read-only for the moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from xray_tui.errors import DatasetFullError
from xray_tui.generation.events import JobStateChanged
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.sampling.watcher import Interrupted

RETRY_SECONDS = 2.0

_WAITING = "waiting until the disk can be written"

Result = TypeVar("Result")


class DiskWait:
    """Lets one job wait until the disk can be written, and logs that it waits.

    Has no state of its own, so every thread of the run may use it.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context

    def until_written(self, write: Callable[[], Result]) -> Result:
        """Call ``write`` until it succeeds, and return its result.

        Raises:
            Interrupted: the job must stop while it waits.
        """
        context = self._context
        waiting = False
        while True:
            try:
                result = write()
            except DatasetFullError as error:
                if not waiting:
                    waiting = True
                    context.log("error", f"{error}; the job is waiting and continues by itself")
                    context.emit(JobStateChanged(context.job_id, "paused", _WAITING))
                context.control.between_steps(context.job_id)
                if context.control.stopping:
                    raise Interrupted from None
                context.control.sleep(RETRY_SECONDS)
                continue
            if waiting:
                context.log("info", "writing works again: the job continues")
                context.emit(JobStateChanged(context.job_id, "running"))
            return result
