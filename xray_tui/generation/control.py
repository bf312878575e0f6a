"""What other threads ask of the thread that runs the jobs: pause, resume, cancel, stop."""

from __future__ import annotations

import threading

from xray_tui.generation.sampler import Interrupted


class Control:
    """Flags that the engine's thread looks at between steps. Usable from any thread."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        """Notified at every change; the engine also notifies it when a job is queued."""
        self.paused = False
        self.stopping = False
        self._at_once = False
        self._cancelled: set[str] = set()

    def pause(self) -> None:
        """Let the thread wait after the current step."""
        with self.changed:
            self.paused = True

    def resume(self) -> None:
        """Let it go on."""
        with self.changed:
            self.paused = False
            self.changed.notify_all()

    def cancel(self, job_id: str) -> None:
        """Leave this job after the current step."""
        with self.changed:
            self._cancelled.add(job_id)
            self.changed.notify_all()

    def forget(self, job_id: str) -> None:
        """Let a job that was cancelled run when it is queued again."""
        with self.changed:
            self._cancelled.discard(job_id)

    def stop(self, *, finish_current: bool) -> None:
        """Leave everything, after the current batch or after the current step."""
        with self.changed:
            self.stopping = True
            self._at_once = self._at_once or not finish_current
            if finish_current:
                self.paused = False  # else the batch would never end
            self.changed.notify_all()

    def is_cancelled(self, job_id: str) -> bool:
        """Whether somebody cancelled this job."""
        return job_id in self._cancelled

    def between_steps(self, job_id: str) -> None:
        """Wait while paused.

        Raises:
            Interrupted: the job is cancelled, or everything stops at once.
        """
        with self.changed:
            self.changed.wait_for(lambda: not self.paused or self._leaves(job_id))
            if self._leaves(job_id):
                raise Interrupted

    def between_batches(self, job_id: str) -> None:
        """As :meth:`between_steps`, and also leave if the current batch was to be the last."""
        self.between_steps(job_id)
        if self.stopping:
            raise Interrupted

    def _leaves(self, job_id: str) -> bool:
        return self._at_once or job_id in self._cancelled
