"""The engine: one background thread that makes the queued jobs' images, one job after another."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Literal

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError, GenerationError
from xray_tui.generation.control import Control
from xray_tui.generation.events import Event, JobFinished, JobQueued, JobStateChanged, LogLine
from xray_tui.generation.job_run import JobRun
from xray_tui.generation.sampler import Sampler
from xray_tui.tasks import Job


class Engine:
    """Makes images into ``dataset``. All methods may be called from any thread.

    ``listener`` gets every event, mostly from the engine's thread; it must not block.
    The thread starts with the first job, and torch is imported there.
    """

    def __init__(self, dataset: Dataset, listener: Callable[[Event], None]) -> None:
        self._dataset = dataset
        self._listener = listener
        self._control = Control()
        self._sampler = Sampler()
        self._waiting: deque[Job] = deque()
        self._running: Job | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Whether a job is running or waiting."""
        with self._control.changed:
            return self._running is not None or bool(self._waiting)

    @property
    def paused(self) -> bool:
        """Whether the queue is paused."""
        return self._control.paused

    def submit(self, job: Job) -> None:
        """Queue ``job`` behind the others.

        Raises:
            GenerationError: the engine is stopping.
            DatasetError: the job cannot be stored.
        """
        if self._control.stopping:
            raise GenerationError("xray-tui is about to quit; nothing more is queued")
        skipped = len(self._dataset.existing(job.tasks))
        self._dataset.queue.add(job)
        self._control.forget(job.id)
        self._tell(JobQueued(job.id, job.title, job.size, skipped))
        with self._control.changed:
            too_late = self._control.stopping  # since the look above
            if not too_late:
                self._waiting.append(job)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
                    self._thread.start()
                self._control.changed.notify_all()
        if too_late:
            self._end_unstarted(job, "interrupted")

    def cancel(self, job_id: str) -> None:
        """Cancel a job: one that waits at once, the running one after the current step."""
        with self._control.changed:
            waiting = next((job for job in self._waiting if job.id == job_id), None)
            if waiting is not None:
                self._waiting.remove(waiting)
            else:
                self._control.cancel(job_id)
        if waiting is not None:
            self._end_unstarted(waiting, "cancelled")

    def pause(self) -> None:
        """Pause the queue: the running job waits after the current step, no other one starts."""
        self._control.pause()
        self._tell_paused()

    def resume(self) -> None:
        """Let the queue go on."""
        self._control.resume()
        self._tell_paused()

    def stop(self, *, finish_current: bool) -> None:
        """Leave everything, after the current batch or after the current step; nothing restarts."""
        self._control.stop(finish_current=finish_current)

    def join(self, timeout: float | None = None) -> None:
        """Wait until the thread has ended after :meth:`stop`; ``timeout`` in seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    # ---- the engine's thread ---------------------------------------------------------------------

    def _work(self) -> None:
        while (job := self._next()) is not None:
            run = JobRun(job, self._dataset, self._sampler, self._control, self._tell)
            finished = run.run()
            with self._control.changed:
                self._running = None
            self._tell(finished)
        while self._waiting:
            self._end_unstarted(self._waiting.popleft(), "interrupted")

    def _next(self) -> Job | None:
        """Wait for a job; None when the engine stops."""
        control = self._control
        with control.changed:
            control.changed.wait_for(
                lambda: control.stopping or (self._waiting and not control.paused)
            )
            if control.stopping:
                return None
            self._running = self._waiting.popleft()
            return self._running

    def _end_unstarted(self, job: Job, state: Literal["cancelled", "interrupted"]) -> None:
        try:
            self._dataset.queue.set_state(job.id, state)
        except DatasetError as error:
            self._tell(LogLine("error", str(error)))
        self._tell(JobFinished(job.id, state, 0, 0, 0, 0.0))

    def _tell(self, event: Event) -> None:
        try:
            self._listener(event)
        except Exception:  # a mistake there must not end the thread, nor lose images
            traceback.print_exc()

    def _tell_paused(self) -> None:
        paused = self._control.paused
        self._tell(LogLine("info", "the queue is paused" if paused else "the queue goes on"))
        running = self._running
        if running is not None:
            self._tell(JobStateChanged(running.id, "paused" if paused else "running"))
