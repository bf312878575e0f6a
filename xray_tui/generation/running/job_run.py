"""One run of one job: skips existing images, loads models, samples batches and saves them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from xray_tui.commands import command
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import ENDED, JobEnd, JobState
from xray_tui.errors import DatasetError, DatasetLockedError, ModelError, XrayTuiError
from xray_tui.generation.events import JobFinished, JobStarted, JobStateChanged, ModelLoading
from xray_tui.generation.running.batch_watcher import BatchWatcher
from xray_tui.generation.running.checkpoints import Checkpoints
from xray_tui.generation.running.disk_wait import DiskWait
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.running.saver import Saver
from xray_tui.generation.running.stall_watch import StallWatch
from xray_tui.generation.sampling.batch_fitter import BatchFitter
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Interrupted
from xray_tui.models.catalogue import resolve
from xray_tui.tasks import Job, Task
from xray_tui.text import clean, counted, size_text

if TYPE_CHECKING:
    from xray_tui.generation.sampling.loading import LoadedModel

Batch = tuple[Task, ...]
_BYTES_PER_PIXEL = 0.4
"""Measured: 0.17 to 0.39 for the PNG files of 63 images of 256×256, including their metadata."""
_BYTES_PER_RECORD = 5_000
"""Measured: 4,600 for each image in the catalog and metadata.jsonl together."""


@dataclass(frozen=True)
class Work:
    """What was done for one job in this process."""

    made: int = 0
    """Images generated and saved."""
    seconds: float = 0.0
    """The time it took, without pauses."""


class JobRun:
    """Generates the missing images of ``job``. A batch that lacks any image is computed whole.

    That way each image comes from the batch it was planned in, and its pixels are the same however
    often the job was interrupted. ``earlier`` was done before the job was paused: the final event
    counts it, too. Use it once, in the engine's thread.
    """

    def __init__(
        self,
        job: Job,
        dataset: Dataset,
        sampler: Sampler,
        context: JobContext,
        earlier: Work,
    ) -> None:
        self._job = job
        self._dataset = dataset
        self._sampler = sampler
        self._context = context
        self._earlier = earlier
        self._checkpoints = Checkpoints(context)
        self._disk_wait = DiskWait(context, dataset.queue)
        self._saver = Saver(context, dataset, self._disk_wait)
        self._stalls = StallWatch(context.emit)
        row = dataset.queue.row(job.id)
        limit = row.batch_limit if row is not None else 0
        self._fitter = BatchFitter(sampler, limit, self._store_limit, context.emit)
        self._seconds = 0.0
        self._skipped = 0
        self._batches_begun = 0
        self.in_batch = False
        """Whether a batch is being generated, or the next begins; any thread may read this."""
        self._taken_over = False
        """Whether another host took the dataset over, and decides the job's state from now on."""

    @property
    def work(self) -> Work:
        """What was done, before and in this run; complete after it."""
        earlier = self._earlier
        return Work(earlier.made + self._saver.saved, earlier.seconds + self._seconds)

    @property
    def skipped(self) -> int:
        """Images that existed before this process worked on the job."""
        return max(0, self._skipped - self._earlier.made)

    def run(self) -> JobFinished | JobStateChanged:
        """Run the job to its end; problems are logged, not raised. Returns the final event."""
        started = time.monotonic()
        end, message = self._outcome()
        state: JobState = end
        self._seconds = time.monotonic() - started - self._checkpoints.waited
        try:
            if not self._taken_over:
                state = self._store_end(end, message)
        except Interrupted:  # stays "running": the next process that runs jobs interrupts it
            state = "interrupted"
        except DatasetError as error:
            if str(error) != message:  # otherwise the same error ended the job and was logged then
                self._context.log("error", str(error))
        if state not in ENDED:
            return JobStateChanged(self._job.id, state)
        return JobFinished(
            job_id=self._job.id,
            state=state,
            made=self.work.made,
            skipped=self.skipped,
            failed=self._saver.failed,
            seconds=self.work.seconds,
            message=message,
        )

    def _store_end(self, state: JobEnd, message: str) -> JobState:
        """Store the state after the run, unless the job was paused or cancelled in the meantime.

        Returns the state the job is in now.
        """
        queue = self._dataset.queue
        job_id = self._job.id
        self._disk_wait.until_written(lambda: queue.add_seconds(job_id, self._seconds))
        if self._disk_wait.until_written(lambda: queue.finish(job_id, state, message)):
            return state
        return queue.state(job_id) or "cancelled"

    def _store_limit(self, size: int) -> None:
        queue = self._dataset.queue
        self._disk_wait.until_written(lambda: queue.set_batch_limit(self._job.id, size))

    def _outcome(self) -> tuple[JobEnd, str]:
        """Generate the images; returns the job's new state, and the reason if it is not "done"."""
        log = self._context.log
        try:
            self._generate_missing()
        except Interrupted:
            return "interrupted", ""
        except DatasetLockedError as error:
            self._taken_over = True
            log("error", str(error))
            return "interrupted", str(error)
        except XrayTuiError as error:
            log("error", str(error))
            return "failed", str(error)
        except Exception as error:  # a bug must not end the engine
            log("error", f"Unexpected problem: {reason(error)}")
            return "failed", reason(error)
        if self._saver.failed and not self._saver.saved:
            return "failed", "no image could be generated; the log says why"
        return "done", ""

    def _generate_missing(self) -> None:
        existing = self._dataset.existing(self._job.tasks)
        purged = self._dataset.in_trash(self._job.tasks) - existing
        images = counted(self._job.size, "image")
        if existing:
            exist = "exists" if len(existing) == 1 else "exist"
            self._context.log(
                "info",
                f"{len(existing):,} of {images} already {exist}, with the same text, seed, "
                "parameters and model",
            )
        if purged:
            were, are = ("was", "is") if len(purged) == 1 else ("were", "are")
            self._context.log(
                "warning",
                f"{len(purged):,} of {images} {were} purged and {are} not generated again; to "
                f"restore purged images: {command('purge', '--undo', dataset=self._dataset.root)}",
            )
        self._skipped = len(existing)
        existing |= purged
        if existing:
            self._disk_wait.until_written(
                lambda: self._dataset.queue.set_task_states(self._job.id, existing, "done")
            )
        batches = [batch for batch in self._job.batches if _is_incomplete(batch, existing)]
        if not batches:
            return
        self._warn_if_too_large(batches)
        with self._stalls, self._saver:
            self._checkpoints.between_batches()
            for _, group in groupby(batches, key=_model_key):
                same_model = list(group)
                model = self._load(same_model[0][0])
                if self._batches_begun == 0:
                    self._context.emit(JobStarted(self._job.id, self._job.size - len(existing)))
                for batch in same_model:
                    self._generate(model, batch, existing, len(batches))
                self.in_batch = False

    def _load(self, task: Task) -> LoadedModel:
        parameters = task.parameters
        context = self._context

        def progress(text: str, fraction: float | None) -> None:
            self._checkpoints.between_steps()
            context.emit(ModelLoading(context.job_id, parameters.model, text, fraction))

        loaded_before = self._sampler.model
        started, waited = time.monotonic(), self._checkpoints.waited
        try:
            info = resolve(parameters.model)
            model = self._sampler.load(info, parameters.device, parameters.dtype, progress)
        except ModelError:
            self._checkpoints.between_steps()  # a stop while loading is not an error
            raise
        if model.fingerprint != task.model_fingerprint:
            raise ModelError(
                f"model {clean(parameters.model)}: its files changed since the job was queued; "
                "queue the job again"
            )
        seconds = time.monotonic() - started - (self._checkpoints.waited - waited)
        if model is not loaded_before:
            context.log(
                "info",
                f"Model {clean(parameters.model)} loaded in {seconds:.1f} s "
                f"on {model.device}, {model.dtype_name}",
            )
        return model

    def _generate(self, model: LoadedModel, batch: Batch, existing: set[str], batches: int) -> None:
        self._checkpoints.between_batches()
        self._batches_begun += 1
        place = (self._batches_begun, batches)
        watcher = BatchWatcher(
            self._context, batch, place, str(model.device), self._stalls, self._checkpoints
        )
        started, waited = time.monotonic(), self._checkpoints.waited
        self.in_batch = True
        sampled = self._fitter.sample(batch, watcher)
        seconds = time.monotonic() - started - (self._checkpoints.waited - waited)
        self._stalls.rest()
        missing = [item for item in sampled if item.task.id not in existing]
        self._saver.save(missing, model, seconds / len(batch))

    def _warn_if_too_large(self, batches: Sequence[Batch]) -> None:
        """Log a warning if the images will hardly fit on the disk."""
        needed = sum(_bytes_of(task) for batch in batches for task in batch)
        free = self._dataset.free_bytes()
        if needed > free:
            self._context.log(
                "warning",
                f"The images need about {size_text(needed)}, but only {size_text(free)} is free: "
                "make room, or the job will wait when the disk is full",
            )


def _is_incomplete(batch: Batch, existing: set[str]) -> bool:
    return any(task.id not in existing for task in batch)


def _model_key(batch: Batch) -> tuple[str, str, str, str]:
    parameters = batch[0].parameters
    return parameters.model, batch[0].model_fingerprint, parameters.device, parameters.dtype


def _bytes_of(task: Task) -> int:
    """Estimated size of this task's greyscale PNG and its record, in bytes."""
    width, height = task.parameters.width or 0, task.parameters.height or 0
    return int(_BYTES_PER_PIXEL * width * height) + _BYTES_PER_RECORD
