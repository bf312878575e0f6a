"""What people ask of the thread that runs the jobs: pause, cancel, stop. From here or elsewhere.

The queue in the catalog is where a wish is written: other processes write it there too, and it
outlives them all. The thread looks at it twice a second, between steps.
"""

from __future__ import annotations

import threading
import time

from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.errors import DatasetError
from xray_tui.generation.sampling.watcher import Interrupted

POLL_SECONDS = 0.5


class RunControl:
    """The wishes the engine's thread looks at between steps. Usable from any thread."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._changed = threading.Condition()
        self._looked = 0.0
        self._state: tuple[str, str | None] = ("", None)
        """The job looked at last, and its state in the queue."""
        self._at_once = False
        self.paused = False
        """Whether the whole queue is paused, as of the last look."""
        self.stopping = False
        """Whether no further batch is to be begun."""

    def stop(self, *, finish_current: bool) -> None:
        """Leave everything, after the current batch or after the current step."""
        with self._changed:
            self.stopping = True
            self._at_once = self._at_once or not finish_current
            self._changed.notify_all()

    def look_again(self) -> None:
        """The queue was changed here: do not wait for the next look."""
        with self._changed:
            self._looked = 0.0
            self._changed.notify_all()

    def sleep(self, seconds: float = POLL_SECONDS) -> None:
        """Wait, but not beyond a change."""
        with self._changed:
            if not self.stopping:
                self._changed.wait(seconds)

    def between_steps(self, job_id: str) -> None:
        """Wait while the queue is paused.

        Raises:
            Interrupted: the job is cancelled or paused, or everything stops at once.
        """
        while True:
            self._look(job_id)
            if self._at_once or self._leaves(job_id):
                raise Interrupted
            if not self.paused or self.stopping:  # to stop, the batch must come to its end
                return
            with self._changed:
                self._changed.wait(POLL_SECONDS)

    def between_batches(self, job_id: str) -> None:
        """As :meth:`between_steps`, and also leave if the current batch was to be the last.

        Raises:
            Interrupted: the job is to be left.
        """
        self.between_steps(job_id)
        if self.stopping:
            raise Interrupted

    def _look(self, job_id: str) -> None:
        """Read the wishes from the queue, if the last look was not just now."""
        now = time.monotonic()
        if now - self._looked < POLL_SECONDS and self._state[0] == job_id:
            return
        try:
            state, paused = self._queue.state(job_id), self._queue.paused
        except DatasetError:
            return  # saving will meet the same trouble, and say so
        with self._changed:
            self._looked = now
            self._state, self.paused = (job_id, state), paused

    def _leaves(self, job_id: str) -> bool:
        known, state = self._state
        return known == job_id and state != "running"
