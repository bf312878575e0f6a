"""The engine: generates the images of the queued jobs in a background thread, job after job.

The queue belongs to the dataset, so several processes see and change it. Only the process that
holds the generator lock runs jobs. The engines of the other processes observe the queue, and take
over when that process ends.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import JobState
from xray_tui.dataset.queue.withdrawal import withdraw
from xray_tui.errors import DatasetError, GenerationError
from xray_tui.generation.events import Emit, Event, QueuePaused
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.running.job_scope import JobScope
from xray_tui.generation.running.live_file import LiveFile
from xray_tui.generation.running.queue_observer import QueueObserver
from xray_tui.generation.running.queue_worker import QueueWorker
from xray_tui.generation.running.thread_loop import work_until_stopped
from xray_tui.generation.running.thread_priority import lower_priority
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.tasks import Job

_Result = TypeVar("_Result")


class Engine:
    """Generates images into ``dataset``. All methods may be called from any thread.

    ``listener`` gets every event, mostly from the engine's threads; it must not block. The threads
    start with :meth:`start` or the first job; torch is imported in one of them when a job runs.
    With ``own_only`` the engine ignores jobs that were already in the queue when it was created,
    unless they are resumed, and stops if nothing works. With ``low_priority`` the other threads of
    the process run first. Pass a ``sampler`` with the model in memory to save loading it.

    Threads: only the ``engine`` thread changes the :class:`QueueWorker`; :class:`RunControl`,
    :class:`JobScope` and :class:`QueueObserver` have a lock each; everything else is set once.
    """

    def __init__(
        self,
        dataset: Dataset,
        listener: Emit,
        *,
        own_only: bool = False,
        low_priority: bool = False,
        sampler: Sampler | None = None,
    ) -> None:
        self._dataset = dataset
        self._queue = dataset.queue
        self._listener = listener
        self._own_only = own_only
        self._low_priority = low_priority
        self._control = RunControl(self._queue)
        self._scope = JobScope(
            {row.id: row.state for row in self._queue.rows()} if own_only else {}
        )
        live = LiveFile(dataset.root)
        self._observer = QueueObserver(
            dataset, live, self._emit, self._scope.includes, self._requeue_lost
        )
        self._worker = QueueWorker(
            dataset,
            self._scope,
            self._control,
            self._observer,
            live,
            sampler or Sampler(),
            self._emit,
        )
        self._starting = threading.Lock()
        self._threads: tuple[threading.Thread, ...] = ()
        """Set once, under ``_starting``."""

    @property
    def busy(self) -> bool:
        """True if this engine generates images, or is about to. Reading this has no effect.

        Raises:
            DatasetError: the catalog cannot be read.
        """
        return bool(self._threads) and self._worker.busy

    @property
    def in_batch(self) -> bool:
        """True if a batch is being generated here; not while a model is loaded, for example."""
        return self._worker.in_batch

    @property
    def in_step(self) -> bool:
        """True if a step of a batch runs here, or another part of it: not while it is paused."""
        return self.in_batch and not self.paused

    @property
    def paused(self) -> bool:
        """True if the queue is paused."""
        return self._control.paused

    def concerns(self, job_id: str) -> bool:
        """Whether this process was asked for the job, or has begun to generate it."""
        return self._scope.concerns(job_id)

    def start(self) -> None:
        """Start the threads: queued jobs run, or are observed if another process runs them."""
        if self._threads or self._control.stopping:
            return
        self._control.read_paused()  # outside the lock: it may wait for the disk
        with self._starting:
            if self._threads or self._control.stopping:
                return
            self._threads = (
                threading.Thread(target=self._work, name="engine", daemon=True),
                threading.Thread(target=self._observe, name="queue-observer", daemon=True),
            )
            for thread in self._threads:
                thread.start()

    def stop(self, *, finish_current: bool) -> None:
        """Stop for good, after the current batch or at once after the current step."""
        self._control.stop(finish_current=finish_current)

    def join(self, timeout: float | None = None) -> bool:
        """Wait until the threads end after :meth:`stop`, at most ``timeout`` seconds.

        Returns whether they have ended.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._starting:
            threads = self._threads
        for thread in threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in threads)

    # ---- changes to the queue; after each the engine looks at the queue without delay ------------

    def submit(self, job: Job, request: Mapping[str, Any] | None = None) -> None:
        """Queue ``job`` behind the others; ``request`` is stored, to request the same images again.

        Raises:
            GenerationError: the engine is stopping.
            DatasetError: the job cannot be stored.
        """
        if self._control.stopping:
            raise GenerationError("xray-tui is quitting; no more jobs can be queued")
        self._scope.request(job.id)
        self._queue.add(job, request)
        self._changed()
        self.start()

    # The methods for one job return whether they changed it, or what the queue's method returns.

    def resume_job(self, job_id: str) -> bool:
        """Queue a paused, interrupted or cancelled job again, in its old place."""
        self._scope.request(job_id)
        done = self._queue.resume(job_id)
        self._changed()
        self.start()
        return done

    def hold(self, job_ids: Sequence[str]) -> None:
        """Do not run these queued jobs here until they are resumed or released."""
        self._scope.hold(job_ids)

    def release(self, job_ids: Sequence[str]) -> None:
        """End what :meth:`hold` began: those that are queued run."""
        self._scope.release(job_ids)
        self._changed()

    def set_aside(self, job_id: str) -> bool:
        """Leave a queued job to a later decision of the user, as :meth:`JobQueue.set_aside`."""
        return self._after_change(self._queue.set_aside(job_id))

    def pause_job(self, job_id: str) -> bool:
        """Pause one job, after the current step if it runs; other jobs continue."""
        return self._after_change(self._queue.pause(job_id))

    def cancel(self, job_id: str) -> bool:
        """Cancel a job, after the current step if it runs."""
        return self._after_change(self._queue.cancel(job_id))

    def retry(self, job_id: str) -> int | None:
        """Queue the failed tasks of a job again; returns the result of :meth:`JobQueue.retry`."""
        self._scope.request(job_id)
        number = self._queue.retry(job_id)
        self._changed()
        self.start()
        return number

    def remove(self, job_id: str) -> bool:
        """Remove a finished job from the queue."""
        return self._after_change(self._queue.remove(job_id))

    def withdraw(self, job_id: str) -> bool:
        """Undo that a job was queued, as :func:`withdraw`."""
        return self._after_change(withdraw(self._queue, job_id))

    def put_back(self, job_id: str) -> bool:
        """Bring a removed job back to the queue."""
        return self._after_change(self._queue.put_back(job_id))

    def set_back(self, job_id: str, to: JobState, only_from: tuple[JobState, ...]) -> bool:
        """Give a job its earlier state back, as :meth:`JobQueue.set_back`."""
        if to == "queued":
            self._scope.request(job_id)
        done = self._after_change(self._queue.set_back(job_id, to, only_from))
        self.start()
        return done

    def has_finished(self, job_id: str) -> bool:
        """Whether all of the job has been generated, or has failed."""
        return self._queue.state(job_id) in ("done", "failed")

    def clear_finished(self) -> list[str]:
        """Remove done, failed and cancelled jobs from the queue; returns their ids."""
        return self._after_change(self._queue.clear_finished())

    def move(self, job_id: str, offset: int) -> int:
        """Move a waiting job by ``offset`` places."""
        return self._after_change(self._queue.move(job_id, offset))

    def pause(self) -> None:
        """Pause the queue: the running job waits after the current step; no other job starts."""
        self._set_paused(True)

    def resume(self) -> None:
        """Let a paused queue continue."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        self._queue.set_paused(paused)
        self._control.read_paused()
        self._changed()

    def _after_change(self, result: _Result) -> _Result:
        self._changed()
        return result

    def _changed(self) -> None:
        """Call after changing the queue: emits the events, and lets the running job notice."""
        self._observer.poll(now=True)
        self._control.look_again()

    # ---- in the engine's own threads -------------------------------------------------------------

    def _work(self) -> None:
        if self._low_priority:
            lower_priority()
        self._worker.work(gives_up=self._own_only)

    def _observe(self) -> None:
        """Watch the queue in a second thread, because the first may be in a long step or paused."""
        work_until_stopped(self._look, self._control, self._emit, gives_up=self._own_only)

    def _look(self) -> None:
        self._observer.poll()
        with suppress(DatasetError):  # the next write will report the same problem
            self._scope.include_resumed(self._queue.ids(("queued",)))

    def _requeue_lost(self, job_id: str) -> bool:
        """Queue an interrupted job again if this command waits for it and another process ran it.

        Returns whether it was queued.
        """
        if not self._own_only or self._control.stopping:
            return False
        return self._scope.was_run_elsewhere(job_id) and self._queue.requeue_interrupted(job_id)

    def _emit(self, event: Event) -> None:
        """Pass an event to the listener; called in any thread that runs or changes jobs."""
        if isinstance(event, QueuePaused):
            with suppress(DatasetError):  # the next write will report the same problem
                self._control.read_paused()
        try:
            self._listener(event)
        except Exception:  # a bug in the listener must not end the thread or lose images
            traceback.print_exc()
