"""One run of one job: skips what is there, loads models, samples batches, saves beside the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError, ModelError, XrayTuiError
from xray_tui.generation.control import Control
from xray_tui.generation.events import (
    Event,
    JobFinished,
    JobStarted,
    JobState,
    LogLine,
    ModelLoading,
)
from xray_tui.generation.loading import reason
from xray_tui.generation.sampler import Interrupted, Outcome, Sampler, free_cache
from xray_tui.generation.saving import Made, Saver
from xray_tui.generation.watching import BatchWatcher
from xray_tui.models.catalogue import resolve
from xray_tui.tasks import Job, Task
from xray_tui.text import clean

if TYPE_CHECKING:
    from xray_tui.generation.loading import LoadedModel

Batch = tuple[Task, ...]


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
        control: Control,
        tell: Callable[[Event], None],
    ) -> None:
        self._job = job
        self._dataset = dataset
        self._sampler = sampler
        self._control = control
        self._tell = tell
        self._saver = Saver(job.id, dataset, tell)
        self._skipped = 0
        self._batches_begun = 0

    def run(self) -> JobFinished:
        """Run to the end, whatever happens; the result says how it ended."""
        started = time.monotonic()
        state, message = self._outcome()
        finished = JobFinished(
            self._job.id,
            state,
            self._saver.made,
            self._skipped,
            self._saver.failed,
            time.monotonic() - started,
            message,
        )
        try:
            self._dataset.queue.set_state(self._job.id, state, message)
        except DatasetError as error:
            self._tell(LogLine("error", str(error)))
        return finished

    def _outcome(self) -> tuple[JobState, str]:
        try:
            self._make_missing()
        except Interrupted:
            cancelled = self._control.is_cancelled(self._job.id)
            return ("cancelled" if cancelled else "interrupted"), ""
        except XrayTuiError as error:
            self._tell(LogLine("error", str(error)))
            return "failed", str(error)
        except Exception as error:  # a mistake of ours must not end the engine
            self._tell(LogLine("error", f"unexpected problem: {reason(error)}"))
            return "failed", reason(error)
        if self._saver.failed and not self._saver.made:
            return "failed", "no image could be made; the log says why"
        return "done", ""

    def _make_missing(self) -> None:
        existing = self._dataset.existing(self._job.tasks)
        self._skipped = len(existing)
        if existing:
            self._tell(
                LogLine(
                    "info",
                    f"{len(existing)} of {self._job.size} images are there already: same text, "
                    "seed, parameters and model",
                )
            )
        batches = [batch for batch in self._job.batches if _missing(batch, existing)]
        if not batches:
            return
        with self._dataset.generator_lock(), self._saver:
            self._control.between_batches(self._job.id)
            self._dataset.queue.set_state(self._job.id, "running")
            for _, group in groupby(batches, key=_model_key):
                same_model = list(group)
                model = self._load(same_model[0][0])
                if self._batches_begun == 0:
                    self._tell(JobStarted(self._job.id, self._job.size - self._skipped))
                for batch in same_model:
                    self._make(model, batch, existing, len(batches))

    def _load(self, task: Task) -> LoadedModel:
        parameters = task.parameters

        def progress(text: str, fraction: float | None) -> None:
            self._control.between_steps(self._job.id)
            self._tell(ModelLoading(self._job.id, parameters.model, text, fraction))

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
            self._tell(
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
            model.device,
            self._control,
            self._tell,
        )
        started = time.perf_counter()
        outcomes = self._sample(batch, watcher)
        seconds = (time.perf_counter() - started - watcher.waited) / len(batch)
        wanted = [
            Made(task, outcome, position)
            for position, (task, outcome) in enumerate(zip(batch, outcomes, strict=True))
            if task.id not in existing
        ]
        self._saver.save(wanted, model, len(batch), seconds)

    def _sample(self, batch: Batch, watcher: BatchWatcher) -> Sequence[Outcome]:
        try:
            return self._sampler.sample(batch, watcher)
        except Interrupted:
            raise
        except Exception as error:  # whatever a pipeline raises; the next batch may work
            problem = _explained(error, batch)
        free_cache()  # outside the except block: inside it the tensors would stay alive
        return [Outcome(None, problem)] * len(batch)


def _missing(batch: Batch, existing: set[str]) -> bool:
    return any(task.id not in existing for task in batch)


def _model_key(batch: Batch) -> tuple[str, str, str, str]:
    parameters = batch[0].parameters
    return parameters.model, batch[0].model_fingerprint, parameters.device, parameters.dtype


def _explained(error: Exception, batch: Batch) -> str:
    import torch

    no_memory = isinstance(error, torch.OutOfMemoryError | MemoryError)
    if no_memory or "allocate memory" in str(error):
        parameters = batch[0].parameters
        return (
            f"not enough memory for {len(batch)} images of {parameters.width}×{parameters.height} "
            "at once; lower the batch size or the image size"
        )
    return reason(error)
