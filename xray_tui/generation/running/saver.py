"""Saves finished batches in a thread of its own, while the next batch is sampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.records import Provenance, Record
from xray_tui.errors import DatasetError, GenerationError
from xray_tui.generation.events import Event, ImageSaved, LogLine, TaskFailed
from xray_tui.generation.running.disk_wait import DiskWait
from xray_tui.generation.sampling.batch_fitter import SampledTask
from xray_tui.generation.sampling.watcher import Interrupted

if TYPE_CHECKING:
    from xray_tui.generation.sampling.loading import LoadedModel

HOPELESS = 5
"""So many first tasks that all fail the same way end the job."""


class Saver:
    """Saves the images of one job. Within ``with``, one batch is saved while the next is made.

    Leaving it waits for the last batch to be saved. While the disk is full, it waits.
    """

    def __init__(
        self, job_id: str, dataset: Dataset, disk_wait: DiskWait, emit: Callable[[Event], None]
    ) -> None:
        self._job_id = job_id
        self._dataset = dataset
        self._disk_wait = disk_wait
        self._emit = emit
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
        self._problems: set[str] = set()
        self.made = 0
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
                self._emit(LogLine("error", str(error)))  # what is under way already tells more

    def save(self, made: Sequence[SampledTask], model: LoadedModel, seconds: float) -> None:
        """Save the images of a batch soon; waits for the batch before it to be saved.

        ``seconds`` is what one image took.

        Raises:
            DatasetError: the batch before it could not be saved.
            GenerationError: the first tasks all failed the same way.
            Interrupted: the job was to be left while the disk was full.
        """
        self._wait()
        assert self._thread is not None
        provenances = _provenances(made, model, seconds)
        self._last = self._thread.submit(self._save_all, made, provenances)

    def _wait(self) -> None:
        if self._last is not None:
            last, self._last = self._last, None
            last.result()

    def _save_all(self, made: Sequence[SampledTask], provenances: Sequence[Provenance]) -> None:
        for item, provenance in zip(made, provenances, strict=True):
            record = self._disk_wait.until_written(partial(self._store, item, provenance))
            if record is None:
                self.failed += 1
                self._emit(TaskFailed(self._job_id, item.task, item.outcome.problem))
                self._stop_if_hopeless(item.outcome.problem)
            else:
                self.made += 1
                self._emit(ImageSaved(self._job_id, record, provenance.seconds))

    def _store(self, item: SampledTask, provenance: Provenance) -> Record | None:
        image = item.outcome.image
        if image is not None:
            return self._dataset.save(image, item.task, provenance, self._job_id)
        self._dataset.queue.set_task_states(
            self._job_id, [item.task.id], "failed", item.outcome.problem
        )
        return None

    def _stop_if_hopeless(self, problem: str) -> None:
        self._problems.add(problem)
        if self.made == 0 and self.failed >= HOPELESS and len(self._problems) == 1:
            raise GenerationError(
                f"the first {self.failed} images all failed the same way, so the job stops: "
                f"{problem}"
            )


def _provenances(
    made: Sequence[SampledTask], model: LoadedModel, seconds: float
) -> list[Provenance]:
    created = datetime.now(UTC).isoformat("T", "seconds")
    return [
        Provenance(
            model=item.task.parameters.model,
            model_fingerprint=model.fingerprint,
            model_files=model.files,
            versions=model.versions,
            device=str(model.device),
            dtype=model.dtype_name,
            batch_size=item.batch_size,
            batch_position=item.position,
            threads=model.threads,
            created=created,
            seconds=seconds,
        )
        for item in made
    ]
