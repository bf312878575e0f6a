"""Runs the queued jobs one after another, in the engine's thread."""

from __future__ import annotations

from collections.abc import Sequence

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError
from xray_tui.generation.events import Emit, Event, JobStateChanged, LogLine
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.running.generator_lease import GeneratorLease
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.running.job_run import JobRun, Work
from xray_tui.generation.running.job_scope import JobScope
from xray_tui.generation.running.live_file import LiveFile
from xray_tui.generation.running.queue_observer import QueueObserver
from xray_tui.generation.running.thread_loop import work_until_stopped
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.sampler import Sampler


class QueueWorker:
    """Runs the jobs in ``scope`` while this process can hold the generator lock.

    :meth:`work` runs in one thread, and only that thread changes the worker. Any thread may read
    ``busy``.
    """

    def __init__(
        self,
        dataset: Dataset,
        scope: JobScope,
        control: RunControl,
        observer: QueueObserver,
        live: LiveFile,
        sampler: Sampler,
        emit: Emit,
    ) -> None:
        self._dataset = dataset
        self._scope = scope
        self._control = control
        self._observer = observer
        self._live = live
        self._sampler = sampler
        self._emit = emit
        self._lease = GeneratorLease(dataset, emit)
        self._running: str | None = None
        self._run_of_job: JobRun | None = None
        self._paused_work: dict[str, Work] = {}
        """What was done here for jobs that were paused, by their ids."""
        self._mended = dataset.mended

    @property
    def busy(self) -> bool:
        """True if a job runs here or is about to. Changes nothing; any thread may ask.

        Raises:
            DatasetError: the catalog cannot be read.
        """
        if self._lease.waiting_for:
            return False
        return self._running is not None or (not self._control.paused and self._next() is not None)

    @property
    def in_batch(self) -> bool:
        """True if a batch is being generated here; any thread may ask."""
        run = self._run_of_job
        return run is not None and run.in_batch

    def work(self, *, gives_up: bool) -> None:
        """Run jobs until the engine stops; with ``gives_up`` it also stops if nothing works."""
        try:
            work_until_stopped(self._work_once, self._control, self._emit, gives_up=gives_up)
            self._lease.release()
        except BaseException as error:
            self._emit(LogLine("error", f"The engine stopped: {reason(error)}"))
        finally:  # otherwise the command would wait forever for a thread that has ended
            self._control.stop(finish_current=False)

    def _work_once(self) -> bool:
        """Run the next job; False if there was nothing to do.

        The lock is kept while jobs that this process requested are waiting or paused. Otherwise
        another process would run them, or take them for abandoned jobs.
        """
        queue = self._dataset.queue
        paused = self._control.read_paused()
        self._scope.include_resumed(queue.ids(("queued",)))
        job_id = None if paused else self._next()
        running = queue.ids(("running",))
        orphaned = running and self._dataset.lock_holder() is None
        keep = self._scope.any_requested(queue.ids(("queued", "paused")))
        if not keep:
            self._lease.release()
        if job_id is None and not orphaned and keep == self._lease.kept:
            return False
        leaves = self._scope.leaves_jobs
        with self._lease.held(keep=keep, waits=job_id is not None, leaves_jobs=leaves) as acquired:
            if not acquired:
                return False
            self._log_mended()
            if running:
                self._end_orphans(running)
            if job_id is not None:
                self._run(job_id)
        return True

    def _next(self) -> str | None:
        return self._scope.next_of(self._dataset.queue.ids(("queued",)))

    def _end_orphans(self, job_ids: Sequence[str]) -> None:
        """Interrupt the jobs of a process that died; requeue jobs that this process requested."""
        self._dataset.queue.interrupt_running()
        for job_id in job_ids:
            if self._scope.was_run_elsewhere(job_id):
                self._dataset.queue.requeue_interrupted(job_id)

    def _log_mended(self) -> None:
        if self._dataset.mended is not self._mended:
            self._mended = self._dataset.mended
            if self._mended is None:
                return
            for line in self._mended.lines:
                self._emit(LogLine("info", line))
            for job_id in self._mended.interrupted:
                self._dataset.queue.announce(job_id, "interrupted")

    def _run(self, job_id: str) -> None:
        """Run a job; an unexpected error interrupts it, as it would only come again."""
        try:
            self._load_and_run(job_id)
        except DatasetError:
            raise
        except BaseException as error:
            self._scope.note_run(job_id)
            queue = self._dataset.queue
            if not queue.set_aside(job_id, reason(error)):
                queue.finish(job_id, "interrupted", reason(error))
            raise

    def _load_and_run(self, job_id: str) -> None:
        queue = self._dataset.queue
        try:
            job = queue.load(job_id)
        except DatasetError as error:
            queue.refuse(job_id, str(error))
            raise
        self._running = job_id
        ended, skipped = None, 0
        try:
            self._observer.begin(job_id)
            if queue.start(job_id):  # unless it was paused or cancelled in the meantime
                self._scope.note_run(job_id)
                self._control.look_again()  # it may have just been paused and resumed
                context = JobContext(job_id, self._control, self._emit_live)
                earlier = self._paused_work.pop(job_id, Work())
                run = JobRun(job, self._dataset, self._sampler, context, earlier)
                self._run_of_job = run
                ended, skipped = run.run(), run.skipped
                if isinstance(ended, JobStateChanged):
                    self._paused_work[job_id] = run.work
        finally:
            self._live.clear()
            self._run_of_job = None
            self._running = None  # before the last event, so that its listeners see busy == False
            self._observer.end(job_id, ended, skipped)

    def _emit_live(self, event: Event) -> None:
        """Emit an event of the running job, and let other processes see the step."""
        self._live.write(event)
        self._emit(event)
