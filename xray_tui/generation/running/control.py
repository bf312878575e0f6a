"""Requests to pause the queue, to leave a job or to stop, for the threads that run jobs.

Requests to pause and to cancel are stored in the catalog's queue: any process can make them, and
they survive the end of the process. The threads read them twice a second, between steps.
"""

from __future__ import annotations

import threading
import time

from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.queue.states import JobState
from xray_tui.errors import DatasetError
from xray_tui.generation.sampling.watcher import Interrupted

POLL_SECONDS = 0.5


class RunControl:
    """The requests of one engine. Every method and property may be used from any thread.

    ``stop`` and ``look_again`` never wait for the disk, so they are safe in a signal handler and in
    the UI thread. ``between_steps`` and ``between_batches`` wait while the queue is paused: they
    are for the threads that run a job.
    """

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self._changed = threading.Condition()
        """Held to write the fields below; notified when a waiting thread has to look again."""
        self._reading = threading.Lock()
        """Held to read the queue, so that an older answer never replaces a newer one."""
        self._read_at = 0.0
        self._job: tuple[str, JobState | None] = ("", None)
        """The job that was looked up last, and its state in the queue."""
        self._paused = False
        self._stopping = False
        self._at_once = False

    @property
    def paused(self) -> bool:
        """True if the whole queue was paused when it was last read."""
        return self._paused

    @property
    def stopping(self) -> bool:
        """True once :meth:`stop` was called: no further batch begins."""
        return self._stopping

    def stop(self, *, finish_current: bool) -> None:
        """Stop everything, after the current batch or at once after the current step."""
        with self._changed:
            self._stopping = True
            self._at_once = self._at_once or not finish_current
            self._changed.notify_all()

    def look_again(self) -> None:
        """Read the queue at the next step without the usual delay, because it has changed."""
        with self._changed:
            self._read_at = 0.0
            self._changed.notify_all()

    def read_paused(self) -> bool:
        """Read from the queue whether it is paused; :attr:`paused` says the same from now on.

        Raises:
            DatasetError: the catalog cannot be read.
        """
        with self._reading:
            paused = self._queue.paused
            with self._changed:
                self._paused = paused
        return paused

    def sleep(self, seconds: float = POLL_SECONDS) -> None:
        """Wait for ``seconds``, or until :meth:`stop` or :meth:`look_again` is called."""
        with self._changed:
            if not self._stopping:
                self._changed.wait(seconds)

    def between_steps(self, job_id: str) -> None:
        """Wait while the queue is paused.

        Raises:
            Interrupted: the job was cancelled or paused, or everything stops at once.
        """
        while True:
            self._read(job_id)
            if self._at_once or self._no_longer_runs(job_id):
                raise Interrupted
            if not self._paused or self._stopping:  # a stopping engine lets the batch finish
                return
            self.sleep()

    def between_batches(self, job_id: str) -> None:
        """As :meth:`between_steps`, and also leave the job if the engine is stopping.

        Raises:
            Interrupted: the job must stop here.
        """
        self.between_steps(job_id)
        if self._stopping:
            raise Interrupted

    def _read(self, job_id: str) -> None:
        """Read the requests from the queue, unless that was done less than half a second ago."""
        with self._reading:
            now = time.monotonic()
            with self._changed:
                if now - self._read_at < POLL_SECONDS and self._job[0] == job_id:
                    return
                self._read_at = now  # set before reading, so that a change meanwhile is not missed
            try:
                state, paused = self._queue.state(job_id), self._queue.paused
            except DatasetError:
                return  # saving will run into the same problem and report it
            with self._changed:
                self._job, self._paused = (job_id, state), paused

    def _no_longer_runs(self, job_id: str) -> bool:
        known, state = self._job
        return known == job_id and state != "running"
