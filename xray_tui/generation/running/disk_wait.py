"""Repeats a write until it succeeds: the disk may be full or read-only for the moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.errors import DatasetFullError
from xray_tui.generation.events import JobStateChanged
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.sampling.watcher import Interrupted

RETRY_SECONDS = 2.0

_WAITING = "waiting until the disk can be written"

Result = TypeVar("Result")


class DiskWait:
    """Lets one job wait until the disk can be written, and says so in the log and to ``queue``.

    Every thread of the run may use it; when several wait at once, the first says so.
    """

    def __init__(self, context: JobContext, queue: JobQueue) -> None:
        self._context = context
        self._queue = queue
        self._lock = threading.Lock()
        self._waiting = 0
        """Threads that wait now."""

    def until_written(self, write: Callable[[], Result]) -> Result:
        """Call ``write`` until it succeeds, and return its result.

        Raises:
            Interrupted: the job must stop while it waits.
        """
        try:
            return write()
        except DatasetFullError as error:
            self._begin(error)
        written = False
        try:
            while True:
                self._context.control.between_steps(self._context.job_id)
                if self._context.control.stopping:
                    raise Interrupted from None
                self._context.control.sleep(RETRY_SECONDS)
                with suppress(DatasetFullError):
                    result = write()
                    written = True
                    return result
        finally:
            self._end(written)

    def _begin(self, error: DatasetFullError) -> None:
        with self._lock:
            self._waiting += 1
            if self._waiting > 1:
                return
        context = self._context
        context.log("error", f"{error}; the job is waiting and continues by itself")
        context.emit(JobStateChanged(context.job_id, "paused", _WAITING))
        self._queue.announce(context.job_id, "waiting")

    def _end(self, written: bool) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting or not written:
                return
        self._context.log("info", "Writing works again: the job continues")
        self._context.emit(JobStateChanged(self._context.job_id, "running"))
