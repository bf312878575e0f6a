"""Saves finished batches in a thread of its own, while the next batch is sampled."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.records import Provenance, Record
from xray_tui.errors import DatasetError, GenerationError
from xray_tui.generation.events import ImageSaved, TaskFailed
from xray_tui.generation.running.disk_wait import DiskWait
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.sampling.batch_fitter import SampledTask
from xray_tui.generation.sampling.provenance import provenance_of
from xray_tui.generation.sampling.watcher import Interrupted
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.generation.sampling.loading import LoadedModel

MAX_EQUAL_FAILURES = 5
"""If this many tasks fail at the start, all with the same problem, the job ends."""


class Saver:
    """Saves the images of one job. Within ``with``, a batch is saved while the next is sampled.

    Leaving ``with`` waits for the last batch to be saved. While the disk is full, saving waits.
    The engine's thread calls the methods; only the saving thread changes ``saved`` and ``failed``,
    which are final after ``with``.
    """

    def __init__(self, context: JobContext, dataset: Dataset, disk_wait: DiskWait) -> None:
        self._context = context
        self._dataset = dataset
        self._disk_wait = disk_wait
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
        self._problems: set[str] = set()
        self.saved = 0
        """Images saved."""
        self.failed = 0
        """Tasks without an image."""

    def __enter__(self) -> Saver:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="saver")
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        assert self._thread is not None
        self._thread.shutdown(wait=True)
        if kind is None:
            self._wait()
            return
        with suppress(Interrupted):
            try:
                self._wait()
            except (DatasetError, GenerationError) as error:
                # Only logged: the exception that is already being raised says more.
                self._context.log("error", str(error))

    def save(self, sampled: Sequence[SampledTask], model: LoadedModel, seconds: float) -> None:
        """Save the images of a batch in the background; waits for the previous batch.

        ``seconds`` is the time that one image took.

        Raises:
            DatasetError: the previous batch could not be saved.
            GenerationError: the first tasks all failed with the same problem.
            Interrupted: the job was to be left while the disk was full.
        """
        self._wait()
        assert self._thread is not None
        provenances = [provenance_of(item, model, seconds) for item in sampled]
        self._last = self._thread.submit(self._save_all, sampled, provenances)

    def _wait(self) -> None:
        if self._last is not None:
            last, self._last = self._last, None
            last.result()

    def _save_all(self, sampled: Sequence[SampledTask], provenances: Sequence[Provenance]) -> None:
        job_id = self._context.job_id
        for item, provenance in zip(sampled, provenances, strict=True):
            record = self._disk_wait.until_written(partial(self._store, item, provenance))
            if record is None:
                self.failed += 1
                self._context.emit(TaskFailed(job_id, item.task, item.outcome.problem))
                self._stop_if_all_fail_alike(item.outcome.problem)
            else:
                self.saved += 1
                self._context.emit(ImageSaved(job_id, record, provenance.seconds))

    def _store(self, item: SampledTask, provenance: Provenance) -> Record | None:
        job_id = self._context.job_id
        image = item.outcome.image
        if image is not None:
            return self._dataset.save(image, item.task, provenance, job_id)
        problem = item.outcome.problem
        self._dataset.queue.set_task_states(job_id, [item.task.id], "failed", problem)
        return None

    def _stop_if_all_fail_alike(self, problem: str) -> None:
        self._problems.add(problem)
        if self.saved == 0 and self.failed >= MAX_EQUAL_FAILURES and len(self._problems) == 1:
            raise GenerationError(
                f"the first {counted(self.failed, 'image')} all failed in the same way, so the job "
                f"stops: {problem}"
            )
