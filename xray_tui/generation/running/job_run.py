"""One run of one job: skips what is there, loads models, samples batches, saves beside the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import ENDED, JobState
from xray_tui.errors import DatasetError, DatasetLockedError, ModelError, XrayTuiError
from xray_tui.generation.events import (
    Event,
    JobFinished,
    JobStarted,
    JobStateChanged,
    LogLine,
    ModelLoading,
)
from xray_tui.generation.running.batch_watcher import BatchWatcher
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.running.disk_wait import DiskWait
from xray_tui.generation.running.saver import Saver
from xray_tui.generation.running.stall_watch import StallWatch
from xray_tui.generation.sampling.batch_fitter import BatchFitter
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Interrupted
from xray_tui.models.catalogue import resolve
from xray_tui.tasks import Job, Task
from xray_tui.text import clean, size_text

if TYPE_CHECKING:
    from xray_tui.generation.sampling.loading import LoadedModel

Batch = tuple[Task, ...]
_BYTES_A_PIXEL = 0.4
"""Of 63 generated images of 256×256 the PNG took 0.17 to 0.39, with the text in it."""
_BYTES_A_RECORD = 5_000
"""Catalog and metadata.jsonl took 4,600 for each of them."""


class JobRun:
    """Makes what is missing of ``job``. A batch of which a part is missing is computed whole.

    That way every image comes out of the batch it was planned in, and its pixels are the same
    however often the job was interrupted.
    """

    def __init__(
        self,
        job: Job,
        dataset: Dataset,
        sampler: Sampler,
        control: RunControl,
        emit: Callable[[Event], None],
    ) -> None:
        self._job = job
        self._dataset = dataset
        self._sampler = sampler
        self._control = control
        self._emit = emit
        self._disk_wait = DiskWait(job.id, control, emit)
        self._saver = Saver(job.id, dataset, self._disk_wait, emit)
        self._stalls = StallWatch(emit)
        row = dataset.queue.row(job.id)
        self._fitter = BatchFitter(
            sampler,
            row.batch_limit if row is not None else 0,
            self._remember_limit,
            emit,
        )
        self._skipped = 0
        self._batches_begun = 0
        self._taken_over = False
        """Whether another host took the dataset over: how the job stands is its affair now."""

    def run(self) -> JobFinished | JobStateChanged:
        """Run to the end, whatever happens; the result says how the job stands now."""
        started = time.monotonic()
        state, message = self._outcome()
        seconds = time.monotonic() - started
        try:
            if not self._taken_over:
                state = self._settle(state, message, seconds)
        except Interrupted:  # whoever runs a job next finds that this one no longer runs
            state = "interrupted"
        except DatasetError as error:
            if str(error) != message:  # what ended the job is told already
                self._emit(LogLine("error", str(error)))
        if state not in ENDED:
            return JobStateChanged(self._job.id, state)
        return JobFinished(
            self._job.id,
            state,
            self._saver.made,
            self._skipped,
            self._saver.failed,
            seconds,
            message,
        )

    def _settle(self, state: JobState, message: str, seconds: float) -> JobState:
        """Note how the job stands in the queue, unless somebody wrote a wish there meanwhile."""
        queue = self._dataset.queue
        job_id = self._job.id
        self._disk_wait.until_written(lambda: queue.add_seconds(job_id, seconds))
        if self._disk_wait.until_written(lambda: queue.finish(job_id, state, message)):
            return state
        return queue.state(job_id) or "cancelled"

    def _remember_limit(self, size: int) -> None:
        queue = self._dataset.queue
        self._disk_wait.until_written(lambda: queue.set_batch_limit(self._job.id, size))

    def _outcome(self) -> tuple[JobState, str]:
        try:
            self._make_missing()
        except Interrupted:
            return "interrupted", ""
        except DatasetLockedError as error:
            self._taken_over = True
            self._emit(LogLine("error", str(error)))
            return "interrupted", str(error)
        except XrayTuiError as error:
            self._emit(LogLine("error", str(error)))
            return "failed", str(error)
        except Exception as error:  # a mistake of ours must not end the engine
            self._emit(LogLine("error", f"unexpected problem: {reason(error)}"))
            return "failed", reason(error)
        if self._saver.failed and not self._saver.made:
            return "failed", "no image could be made; the log says why"
        return "done", ""

    def _make_missing(self) -> None:
        existing = self._dataset.existing(self._job.tasks)
        self._skipped = len(existing)
        if existing:
            self._disk_wait.until_written(
                lambda: self._dataset.queue.set_task_states(self._job.id, existing, "done")
            )
            self._emit(
                LogLine(
                    "info",
                    f"{len(existing)} of {self._job.size} images are there already: same text, "
                    "seed, parameters and model",
                )
            )
        batches = [batch for batch in self._job.batches if _missing(batch, existing)]
        if not batches:
            return
        self._warn_if_too_large(batches)
        with self._stalls, self._saver:
            self._control.between_batches(self._job.id)
            for _, group in groupby(batches, key=_model_key):
                same_model = list(group)
                model = self._load(same_model[0][0])
                if self._batches_begun == 0:
                    self._emit(JobStarted(self._job.id, self._job.size - self._skipped))
                for batch in same_model:
                    self._make(model, batch, existing, len(batches))

    def _load(self, task: Task) -> LoadedModel:
        parameters = task.parameters

        def progress(text: str, fraction: float | None) -> None:
            self._control.between_steps(self._job.id)
            self._emit(ModelLoading(self._job.id, parameters.model, text, fraction))

        kept = self._sampler.model
        started = time.monotonic()
        try:
            info = resolve(parameters.model)
            model = self._sampler.load(info, parameters.device, parameters.dtype, progress)
        except ModelError:
            self._control.between_steps(self._job.id)  # a stop while loading is no error
            raise
        if model.fingerprint != task.model_fingerprint:
            raise ModelError(
                f"model {clean(parameters.model)}: its files changed since the job was queued; "
                "queue the job again"
            )
        if model is not kept:
            self._emit(
                LogLine(
                    "info",
                    f"model {clean(parameters.model)} loaded in {time.monotonic() - started:.1f} s "
                    f"on {model.device}, {model.dtype_name}",
                )
            )
        return model

    def _make(self, model: LoadedModel, batch: Batch, existing: set[str], batches: int) -> None:
        self._control.between_batches(self._job.id)
        self._batches_begun += 1
        watcher = BatchWatcher(
            self._job.id,
            batch,
            (self._batches_begun, batches),
            str(model.device),
            self._control,
            self._stalls,
            self._emit,
        )
        started = time.perf_counter()
        made = self._fitter.sample(batch, watcher)
        seconds = (time.perf_counter() - started - watcher.waited) / len(batch)
        self._stalls.rest()
        wanted = [item for item in made if item.task.id not in existing]
        self._saver.save(wanted, model, seconds)

    def _warn_if_too_large(self, batches: Sequence[Batch]) -> None:
        """Say so if the images will hardly fit on the disk."""
        needed = sum(_bytes_of(task) for batch in batches for task in batch)
        free = self._dataset.free_bytes()
        if needed > free:
            self._emit(
                LogLine(
                    "warning",
                    f"the images need about {size_text(needed)}, {size_text(free)} are free: "
                    "make room, or the job will wait when the disk is full",
                )
            )


def _missing(batch: Batch, existing: set[str]) -> bool:
    return any(task.id not in existing for task in batch)


def _model_key(batch: Batch) -> tuple[str, str, str, str]:
    parameters = batch[0].parameters
    return parameters.model, batch[0].model_fingerprint, parameters.device, parameters.dtype


def _bytes_of(task: Task) -> int:
    """About what a greyscale PNG of this size takes, with its record."""
    width, height = task.parameters.width or 0, task.parameters.height or 0
    return int(_BYTES_A_PIXEL * width * height) + _BYTES_A_RECORD
