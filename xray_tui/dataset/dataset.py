"""A dataset folder: saving images with all that belongs to them, and knowing what is there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import gone, is_missing
from xray_tui.dataset.checks.examining import examine
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import explained, write_new, write_whole
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.dataset.lock_holder import Holder
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.records import NewRecord, Provenance, Record
from xray_tui.dataset.repair.mending import Mended, mend, mend_metadata
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import (
    DatasetDeniedError,
    DatasetError,
    DatasetFullError,
    DatasetLockedError,
)
from xray_tui.tasks import Task

if TYPE_CHECKING:
    from PIL import Image

_LOCK_PATIENCE = 1.0
"""Seconds waited for the generator lock: another process holds it briefly when it opens."""


class Dataset:
    """The dataset in folder ``root``, made where there is none. Usable from any thread.

    Opening it mends what dead runs left (see :mod:`xray_tui.dataset.repair.mending`), unless
    another process is generating: that one did it when it began. ``steal_lock`` takes the
    generator lock over from a process on another host, which only the user can know to be dead.

    Raises:
        CatalogDamagedError: the catalog must be rebuilt; every method may find that out, too.
        DatasetError: ``root`` cannot be a dataset: a file, not writable, ….
    """

    def __init__(self, root: Path, *, steal_lock: bool = False) -> None:
        self.root = root.absolute()
        layout.make_root(self.root)
        self.mended: Mended | None = None
        """What was mended, for the log; None as long as another process generates."""
        self._lock = GeneratorLock(self.root, self._mend, steal=steal_lock)
        self._saving = threading.Lock()
        self._metadata_in_step = True
        self._database = Database(self.root / layout.CATALOG)
        self.catalog = Catalog(self.root, self._database)
        self.queue = JobQueue(self._database)
        try:
            self._mend_first()
        except BaseException:
            self.close()
            raise

    @property
    def log_path(self) -> Path:
        """Where the log is written."""
        return self.root / layout.LOG

    def close(self) -> None:
        """Close the catalog; the dataset cannot be used afterwards."""
        self._database.close()

    def generator_lock(self) -> AbstractContextManager[None]:
        """Hold the right to generate into this dataset, as :meth:`save` does for one image.

        Raises:
            DatasetLockedError: another process holds it; the message says which, and since when.
            DatasetError: the dataset is not here any more.
        """
        if is_missing(self._database.path):
            raise gone(self._database.path)
        return self._lock.held(_LOCK_PATIENCE)

    def lock_holder(self) -> Holder | None:
        """Who else generates into this dataset; None where nobody does, or this object."""
        return self._lock.other_holder()

    def free_bytes(self) -> int:
        """Room on the disk, as far as the system says; a quota is not in it.

        Raises:
            DatasetError: the folder is gone.
        """
        with explained(self.root):
            return shutil.disk_usage(self.root).free

    def save(self, image: Image.Image, task: Task, provenance: Provenance, job_id: str) -> Record:
        """Save ``image`` as ``task``'s: the file, then the record, then the row of metadata.jsonl.

        ``image`` has mode L and the task's size. An image this task has already is replaced.
        Saving many, hold :meth:`generator_lock` around them: taking it has its price. After an
        error the same call can be made again, wherever it failed.

        Raises:
            DatasetLockedError: another process generates into this dataset.
            DatasetFullError: it could not be saved now; no half file is left.
            DatasetError: it could not be saved; no half file is left.
        """
        wanted = (task.parameters.width, task.parameters.height)
        if image.mode != "L" or image.size != wanted:
            raise DatasetError(
                f"task {task.id[:8]} wants an 8-bit grey image (mode L) of size {wanted}, "
                f"this one is mode {image.mode}, size {image.size}"
            )
        path = layout.image_path(self.root, task)
        data = png.encode(image, task, provenance, job_id)
        examined = examine(image)
        with self.generator_lock():
            self._lock.check_mine()
            layout.make_image_folder(path)
            if not write_new(path, [data]):
                _check_replaceable(path, task)
                write_whole(path, [data])
            with self._saving:
                file = path.relative_to(self.root).as_posix()
                return self._note(NewRecord(task, file, provenance, job_id, examined))

    def path_of(self, record: Record) -> Path:
        """The absolute path of ``record``'s image."""
        return self.root / record.file

    def existing(self, tasks: Iterable[Task]) -> set[str]:
        """The ids of those of ``tasks`` that have an image: a record, and its file on disk."""
        return self.catalog.existing(task.id for task in tasks)

    def desk(self, reviewer: str | None = None) -> ReviewDesk:
        """Where ``reviewer`` reviews the images; None is the user who runs this.

        Raises:
            DatasetError: that is no name.
        """
        return ReviewDesk(
            self.root, self._database, self.catalog, reviewer or review_log.current_user()
        )

    def _mend_first(self) -> None:
        try:
            with self._lock.held(wait=0):
                pass
        except DatasetLockedError:
            pass
        except DatasetDeniedError:
            raise
        except DatasetFullError:  # what is there can be looked at; saving will say it
            pass

    def _note(self, new: NewRecord) -> Record:
        if not self._metadata_in_step:  # saving the one before failed half-way
            mend_metadata(self.root, self.catalog)
        self._metadata_in_step = False
        with metadata.locked(self.root):
            before = self.catalog.record_of(new.task.id)
            record = self.catalog.add_record(new)
            if before is None:
                metadata.append(self.root / layout.METADATA, record)
            elif metadata.row(before) != metadata.row(record):
                metadata.rewrite(self.root / layout.METADATA, self.catalog.all_records())
        self._metadata_in_step = True
        return record

    def _mend(self, left_behind: bool) -> None:
        """Mend what may be wrong; everything the first time, and after a holder that crashed."""
        if self.mended is None or left_behind:
            self.mended = mend(self.root, self._database)
        else:
            mend_metadata(self.root, self.catalog)


def _check_replaceable(path: Path, task: Task) -> None:
    """Only this task's own image may be replaced.

    Raises:
        DatasetError: ``path`` is something else.
    """
    try:
        found = png.read(path).task
    except png.BadImageError as error:
        raise DatasetError(f"a file is in the way, move it away: {error}") from error
    if found.id != task.id:
        raise DatasetError(f"{path}: holds the image of another task; move it away")
