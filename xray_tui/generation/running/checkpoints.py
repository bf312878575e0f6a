"""The points at which a run of a job waits while the queue is paused, and how long it waited."""

from __future__ import annotations

import time
from collections.abc import Callable

from xray_tui.generation.running.job_context import JobContext


class Checkpoints:
    """The checkpoints of one run of a job, for the thread that runs it.

    The methods wait and raise as those of :class:`~xray_tui.generation.running.control.RunControl`.
    """

    def __init__(self, context: JobContext) -> None:
        self._control = context.control
        self._job_id = context.job_id
        self.waited = 0.0
        """Seconds spent paused so far: no work on the job."""

    def between_steps(self) -> None:
        """Wait while the queue is paused.

        Raises:
            Interrupted: the job must stop here.
        """
        self._pass(self._control.between_steps)

    def between_batches(self) -> None:
        """As :meth:`between_steps`, and also leave the job if the engine is stopping.

        Raises:
            Interrupted: the job must stop here.
        """
        self._pass(self._control.between_batches)

    def _pass(self, wait: Callable[[str], None]) -> None:
        arrived = time.monotonic()
        try:
            wait(self._job_id)
        finally:
            self.waited += time.monotonic() - arrived
