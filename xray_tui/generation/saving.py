"""Saves finished batches in a thread of its own, while the next batch is sampled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError
from xray_tui.generation.events import Event, ImageSaved, LogLine, TaskFailed
from xray_tui.generation.sampler import Outcome
from xray_tui.tasks import Task

if TYPE_CHECKING:
    from xray_tui.generation.loading import LoadedModel


@dataclass(frozen=True)
class Made:
    """What became of one task of a batch, and its 0-based place in it."""

    task: Task
    outcome: Outcome
    position: int


class Saver:
    """Saves the images of one job. Within ``with``, one batch is saved while the next is made.

    Leaving it waits for the last batch to be saved.
    """

    def __init__(self, job_id: str, dataset: Dataset, tell: Callable[[Event], None]) -> None:
        self._job_id = job_id
        self._dataset = dataset
        self._tell = tell
        self._thread: ThreadPoolExecutor | None = None
        self._last: Future[None] | None = None
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
        try:
            self._wait()
        except DatasetError as error:
            if kind is None:
                raise
            self._tell(LogLine("error", str(error)))  # what is under way already tells more

    def save(
        self, made: Sequence[Made], model: LoadedModel, batch_size: int, seconds: float
    ) -> None:
        """Save the images of a batch soon; waits for the batch before it to be saved.

        ``seconds`` is what one image took.

        Raises:
            DatasetError: the batch before it could not be saved.
        """
        import torch

        self._wait()
        assert self._thread is not None
        threads = torch.get_num_threads()
        created = datetime.now(UTC).isoformat("T", "seconds")
        provenances = [
            Provenance(
                model=item.task.parameters.model,
                model_fingerprint=model.fingerprint,
                model_files=model.files,
                versions=model.versions,
                device=str(model.device),
                dtype=model.dtype_name,
                batch_size=batch_size,
                batch_position=item.position,
                threads=threads,
                created=created,
                seconds=seconds,
            )
            for item in made
        ]
        self._last = self._thread.submit(self._save_all, made, provenances)

    def _wait(self) -> None:
        if self._last is not None:
            last, self._last = self._last, None
            last.result()

    def _save_all(self, made: Sequence[Made], provenances: Sequence[Provenance]) -> None:
        for item, provenance in zip(made, provenances, strict=True):
            image = item.outcome.image
            if image is None:
                self._fail(item)
                continue
            record = self._dataset.save(image, item.task, provenance, self._job_id)
            self.made += 1
            self._tell(ImageSaved(self._job_id, record, provenance.seconds))

    def _fail(self, item: Made) -> None:
        problem = item.outcome.problem
        self._dataset.queue.set_task_states(self._job_id, [item.task.id], "failed", problem)
        self.failed += 1
        self._tell(TaskFailed(self._job_id, item.task, problem))
