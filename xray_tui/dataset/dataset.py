"""A dataset folder: saving images with all that belongs to them, and knowing what is there."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset import layout, metadata, png, reviews
from xray_tui.dataset.atomic import sweep, write_new, write_whole
from xray_tui.dataset.catalog import Catalog, Decision, Review
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.dataset.records import Provenance, Record
from xray_tui.errors import DatasetError, DatasetLockedError
from xray_tui.tasks import Task

if TYPE_CHECKING:
    from PIL import Image

_LOCK_PATIENCE = 1.0
"""Seconds waited for the generator lock: another process holds it briefly when it opens."""


class Dataset:
    """The dataset in folder ``root``, made where there is none. Usable from any thread.

    Opening it removes the temporary files of dead runs and mends ``metadata.jsonl``, unless another
    process is generating: that one did it when it began.

    Raises:
        DatasetError: ``root`` cannot be a dataset: a file, not writable, a damaged catalog, ….
    """

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        layout.make_root(self.root)
        self._lock = GeneratorLock(self.root, self._mend)
        self._saving = threading.Lock()
        self._metadata_in_step = True
        self.catalog = Catalog(self.root)
        try:
            with suppress(DatasetLockedError), self._lock.held(wait=0):
                pass
        except BaseException:
            self.close()
            raise

    @property
    def log_path(self) -> Path:
        """Where the log is written."""
        return self.root / layout.LOG

    def close(self) -> None:
        """Close the catalog; the dataset cannot be used afterwards."""
        self.catalog.close()

    def generator_lock(self) -> AbstractContextManager[None]:
        """Hold the right to generate into this dataset, as :meth:`save` does for one image.

        Raises:
            DatasetLockedError: another process holds it; the message says which, and since when.
        """
        return self._lock.held(_LOCK_PATIENCE)

    def save(self, image: Image.Image, task: Task, provenance: Provenance, job_id: str) -> Record:
        """Save ``image`` as ``task``'s: the file, then the record, then the row of metadata.jsonl.

        ``image`` has mode L and the task's size. An image this task has already is replaced.
        Saving many, hold :meth:`generator_lock` around them: taking it has its price.

        Raises:
            DatasetLockedError: another process generates into this dataset.
            DatasetError: it could not be saved; no half file is left.
        """
        wanted = (task.parameters.width, task.parameters.height)
        if image.mode != "L" or image.size != wanted:
            raise DatasetError(
                f"task {task.id[:8]} wants an 8-bit grey image (mode L) of size {wanted}, "
                f"this one is mode {image.mode}, size {image.size}"
            )
        path = layout.image_path(self.root, task)
        data = png.encode(image, task, provenance)
        with self.generator_lock():
            layout.make_image_folder(path)
            if not write_new(path, [data]):
                _check_replaceable(path, task)
                write_whole(path, [data])
            with self._saving:
                return self._note(path, image.size, task, provenance, job_id)

    def path_of(self, record: Record) -> Path:
        """The absolute path of ``record``'s image."""
        return self.root / record.file

    def existing(self, tasks: Iterable[Task]) -> set[str]:
        """The ids of those of ``tasks`` that have an image: a record, and its file on disk."""
        return self.catalog.existing(task.id for task in tasks)

    def missing(self, tasks: Iterable[Task]) -> list[Task]:
        """Those of ``tasks`` that have no image: no record, or its file is gone."""
        ids = {task.id: task for task in tasks}
        existing = self.catalog.existing(ids)
        return [task for task_id, task in ids.items() if task_id not in existing]

    def decide(self, record: Record, decision: Decision, reviewer: str | None = None) -> Review:
        """Store a decision on ``record``; ``reviewer`` None is the user who runs this.

        Raises:
            DatasetError: it could not be written.
        """
        name = reviewer or reviews.current_user()
        return reviews.decide(self.root, self.catalog, record, decision, name)

    def _note(
        self,
        path: Path,
        size: tuple[int, int],
        task: Task,
        provenance: Provenance,
        job_id: str,
    ) -> Record:
        if not self._metadata_in_step:  # saving the one before failed half-way
            self._mend_metadata()
        self._metadata_in_step = False
        before = self.catalog.record_of(task.id)
        file = path.relative_to(self.root).as_posix()
        record = self.catalog.add_record(task, file, size, provenance, job_id)
        if before is None:
            metadata.append(self.root / layout.METADATA, record)
        elif metadata.row(before) != metadata.row(record):
            metadata.rewrite(self.root / layout.METADATA, self.catalog.all_records())
        self._metadata_in_step = True
        return record

    def _mend(self) -> None:
        sweep(layout.written_folders(self.root))
        self._mend_metadata()

    def _mend_metadata(self) -> None:
        path = self.root / layout.METADATA
        last = next(iter(self.catalog.records(limit=1)), None)
        if not metadata.is_in_step(path, self.catalog.record_count(), last):
            metadata.rewrite(path, self.catalog.all_records())


def _check_replaceable(path: Path, task: Task) -> None:
    """Only this task's own image may be replaced.

    Raises:
        DatasetError: ``path`` is something else.
    """
    try:
        found, _ = png.read(path)
    except DatasetError as error:
        raise DatasetError(f"a file is in the way, move it away: {error}") from error
    if found.id != task.id:
        raise DatasetError(f"{path}: holds the image of another task; move it away")
