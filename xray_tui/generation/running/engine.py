"""The engine: a background thread that makes the queued jobs' images, one job after another.

The queue is the dataset's, so other processes see it and change it. One of them generates, the one
that holds the generator lock; the engines of the others follow what it does, and take over when
it is gone.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import JobState
from xray_tui.errors import DatasetError, GenerationError
from xray_tui.generation.events import Event, LogLine, QueuePaused
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.running.generator_lease import GeneratorLease
from xray_tui.generation.running.job_run import JobRun
from xray_tui.generation.running.live_file import LiveFile
from xray_tui.generation.running.queue_observer import QueueObserver
from xray_tui.generation.running.thread_priority import lower_priority
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.tasks import Job


class Engine:
    """Makes images into ``dataset``. All methods may be called from any thread.

    ``listener`` gets every event, mostly from the engine's threads; it must not block. They start
    with :meth:`start` or the first job; torch is imported in one of them when a job runs.
    With ``own_only`` it knows only the jobs that were submitted or resumed here, and those that
    others queue or resume meanwhile; what waited in the queue before is left alone. With
    ``low_priority`` the process's other threads go first. A ``sampler`` given may have its model in
    memory already.
    """

    def __init__(
        self,
        dataset: Dataset,
        listener: Callable[[Event], None],
        *,
        own_only: bool = False,
        low_priority: bool = False,
        sampler: Sampler | None = None,
    ) -> None:
        self._dataset = dataset
        self._listener = listener
        self._own_only = own_only
        self._left_alone: dict[str, JobState] = {}
        """The jobs that were there before, and where they stood, if only new ones are made here."""
        if own_only:
            self._left_alone = {row.id: row.state for row in dataset.queue.rows()}
        self._own: set[str] = set()
        self._run_here: set[str] = set()
        self._low_priority = low_priority
        self._control = RunControl(dataset.queue)
        self._sampler = sampler or Sampler()
        self._live = LiveFile(dataset.root)
        self._observer = QueueObserver(
            dataset, self._live, self._emit, self._minds, self._takes_back
        )
        self._lease = GeneratorLease(dataset, self._emit)
        self._running: str | None = None
        self._complaint = ""
        """What went wrong with the queue, as told last."""
        self._mended = dataset.mended
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    @property
    def busy(self) -> bool:
        """Whether this engine makes images, or is about to."""
        if not self._threads or self._lease.waits_for:
            return False
        return self._running is not None or (not self.paused and self._next() is not None)

    @property
    def paused(self) -> bool:
        """Whether the queue is paused."""
        return self._control.paused

    def start(self) -> None:
        """Start the thread: what waits in the queue is made, or followed if another makes it."""
        with self._starting:
            if self._threads or self._control.stopping:
                return
            self._control.paused = self._dataset.queue.paused
            self._threads = [
                threading.Thread(target=self._work, name="engine", daemon=True),
                threading.Thread(target=self._follow, name="follower", daemon=True),
            ]
            for thread in self._threads:
                thread.start()

    def stop(self, *, finish_current: bool) -> None:
        """Leave everything, after the current batch or after the current step; nothing restarts."""
        self._control.stop(finish_current=finish_current)

    def join(self, timeout: float | None = None) -> bool:
        """Wait until all has ended after :meth:`stop`, ``timeout`` seconds; has it?"""
        end = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    # ---- the queue -------------------------------------------------------------------------------

    def submit(self, job: Job, request: Mapping[str, Any] | None = None) -> None:
        """Queue ``job`` behind the others; ``request`` is kept with it, to be asked for again.

        Raises:
            GenerationError: the engine is stopping.
            DatasetError: the job cannot be stored.
        """
        if self._control.stopping:
            raise GenerationError("xray-tui is about to quit; nothing more is queued")
        self._own.add(job.id)
        self._dataset.queue.add(job, request)
        self._changed()
        self.start()

    def resume_job(self, job_id: str) -> None:
        """Let a paused, interrupted or cancelled job go on."""
        self._own.add(job_id)
        self._dataset.queue.resume(job_id)
        self._changed()
        self.start()

    def pause_job(self, job_id: str) -> None:
        """Pause one job, after the current step if it runs; others go on."""
        self._dataset.queue.pause(job_id)
        self._changed()

    def cancel(self, job_id: str) -> None:
        """Cancel a job, after the current step if it runs."""
        self._dataset.queue.cancel(job_id)
        self._changed()

    def retry(self, job_id: str) -> int | None:
        """Queue the failed tasks of a job again; returns as :meth:`JobQueue.retry`."""
        self._own.add(job_id)
        number = self._dataset.queue.retry(job_id)
        self._changed()
        self.start()
        return number

    def clear_finished(self) -> int:
        """Take jobs that are done, failed or cancelled out of the queue; returns their number."""
        number = self._dataset.queue.clear_finished()
        self._changed()
        return number

    def move(self, job_id: str, offset: int) -> None:
        """Move a waiting job by ``offset`` places."""
        self._dataset.queue.move(job_id, offset)
        self._changed()

    def pause(self) -> None:
        """Pause the queue: the running job waits after the current step, no other one starts."""
        self._set_paused(True)

    def resume(self) -> None:
        """Let the queue go on."""
        self._set_paused(False)

    def _set_paused(self, paused: bool) -> None:
        self._dataset.queue.set_paused(paused)
        self._control.paused = paused
        self._changed()

    def _changed(self) -> None:
        self._observer.poll(now=True)
        self._control.look_again()

    # ---- the engine's thread ---------------------------------------------------------------------

    def _work(self) -> None:
        if self._low_priority:
            lower_priority()
        while not self._control.stopping:
            try:
                worked, self._complaint = self._take_lease(), ""
            except DatasetError as error:
                worked = self._complain(str(error))
            except Exception as error:  # a mistake of ours must not end the thread
                worked = self._complain(f"unexpected problem: {reason(error)}")
            if not worked:
                self._control.sleep()
        self._lease.give_up()

    def _follow(self) -> None:
        """Beside the engine's thread, which may wait for a long step, or because of a pause."""
        while not self._control.stopping:
            self._observer.poll()
            self._control.sleep()

    def _complain(self, text: str) -> bool:
        """Say what went wrong, once until something works again. Nothing was done: False."""
        if text != self._complaint:
            self._complaint = text
            self._emit(LogLine("error", text))
        return False

    def _take_lease(self) -> bool:
        """Run the job whose turn it is; False if there was nothing to run.

        As long as jobs of this process wait, because they are paused or the queue is, nobody else
        is let in: they would run them, or take them for left behind.
        """
        queue = self._dataset.queue
        self._control.paused = queue.paused
        job_id = None if self._control.paused else self._next()
        running = queue.ids(("running",))
        orphaned = running and self._dataset.lock_holder() is None
        keep = not self._own.isdisjoint(queue.ids(("queued", "paused")))
        if not keep:
            self._lease.give_up()
        if job_id is None and not orphaned and keep == self._lease.kept:
            return False
        with self._lease.taken(keep=keep) as mine:
            if not mine:
                return False
            self._tell_mended()
            if running:
                self._take_from_the_dead(running)
            if job_id is not None:
                self._run(job_id)
        return True

    def _next(self) -> str | None:
        if not self._left_alone:
            return self._dataset.queue.next_queued()
        queued = self._dataset.queue.ids(("queued",))
        for job_id in queued:
            if self._left_alone.get(job_id, "queued") != "queued":
                self._left_alone.pop(job_id, None)  # somebody resumed it since
        queued = [job_id for job_id in queued if self._minds(job_id)]
        return min(queued, key=lambda job_id: job_id not in self._own, default=None)

    def _minds(self, job_id: str) -> bool:
        return job_id in self._own or job_id not in self._left_alone

    def _take_from_the_dead(self, job_ids: Sequence[str]) -> None:
        """Nobody runs these any more. Those that were queued here, for others to run, go on."""
        self._dataset.queue.interrupt_running()
        for job_id in job_ids:
            if job_id in self._own - self._run_here:
                self._dataset.queue.requeue_interrupted(job_id)

    def _takes_back(self, job_id: str) -> bool:
        """Whether an interrupted job goes on here: one this command waits for, and did not run."""
        if not self._own_only or self._control.stopping:
            return False
        if job_id not in self._own - self._run_here:
            return False
        return self._dataset.queue.requeue_interrupted(job_id)

    def _tell_mended(self) -> None:
        if self._dataset.mended is not self._mended:
            self._mended = self._dataset.mended
            for line in self._mended.lines if self._mended is not None else ():
                self._emit(LogLine("info", line))

    def _run(self, job_id: str) -> None:
        queue = self._dataset.queue
        try:
            job = queue.load(job_id)
        except DatasetError as error:
            queue.refuse(job_id, str(error))
            raise
        self._running = job_id
        self._observer.begin(job_id)
        ended = None
        try:
            if queue.start(job_id):  # nobody changed their mind
                self._run_here.add(job_id)
                self._control.look_again()  # it may just have been paused, and resumed
                emit = self._tell_while_running
                ended = JobRun(job, self._dataset, self._sampler, self._control, emit).run()
        finally:
            self._live.clear()
            self._running = None  # whoever is told the end finds the engine no longer busy
            self._observer.end(job_id, ended)

    def _tell_while_running(self, event: Event) -> None:
        self._live.write(event)
        self._emit(event)

    def _emit(self, event: Event) -> None:
        if isinstance(event, QueuePaused):
            self._control.paused = event.paused
        try:
            self._listener(event)
        except Exception:  # a mistake there must not end the thread, nor lose images
            traceback.print_exc()
