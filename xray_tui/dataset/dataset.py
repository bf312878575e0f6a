"""A dataset folder: saves images with their records, and opens its catalog, queue and reviews."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import gone
from xray_tui.dataset.checks.examining import examine
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import explained, write_new, write_whole
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.dataset.lock_holder import Holder
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.records import NewRecord, Provenance, Record
from xray_tui.dataset.repair.mending import Mended, mend, mend_metadata, try_to_write_decisions
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.trash.trash import Trash
from xray_tui.errors import (
    DatasetDeniedError,
    DatasetError,
    DatasetFullError,
    DatasetLockedError,
)
from xray_tui.tasks import Task

if TYPE_CHECKING:
    from PIL import Image


class Dataset:
    """The dataset in folder ``root``, created if missing. Usable from any thread.

    Opening it repairs what dead processes left behind (see
    :mod:`xray_tui.dataset.repair.mending`), unless another process is generating: that process did
    so when it started. ``steal_lock`` takes the generator lock over from a process on another host
    that the user knows to be dead, which xray-tui cannot find out.

    Raises:
        CatalogDamagedError: the catalog must be rebuilt; every method may raise this.
        DatasetError: ``root`` cannot be a dataset: a file, not writable, ….
    """

    def __init__(self, root: Path, *, steal_lock: bool = False) -> None:
        self.root = layout.absolute_root(root)
        layout.make_root(self.root)
        self.mended: Mended | None = None
        """What was repaired, for the log; None as long as another process is generating."""
        self._lock = GeneratorLock(self.root, self._mend, steal=steal_lock)
        self._saving = threading.Lock()
        self._metadata_in_step = True
        self._closed = False
        self._database = Database(self.root / layout.CATALOG)
        self.catalog = Catalog(self.root, self._database)
        self.queue = JobQueue(self._database)
        try:
            self._mend_if_unlocked()
        except BaseException:
            self.close()
            raise

    @property
    def log_path(self) -> Path:
        """The log file of the dataset."""
        return self.root / layout.LOG

    def close(self) -> None:
        """Bring metadata.jsonl up to date if possible, and close the catalog.

        The dataset cannot be used afterwards.
        """
        if not self._closed:
            self._closed = True
            self.write_decisions()
            self._database.close()

    def write_decisions(self) -> None:
        """Bring the decisions in metadata.jsonl up to date, if necessary and possible now."""
        try_to_write_decisions(self.root, self.catalog)

    def generator_lock(self, *, leaves_jobs: bool = False) -> AbstractContextManager[None]:
        """Hold the lock for generating into this dataset, as :meth:`save` does for one image.

        With ``leaves_jobs``, other processes see that this one does not run all queued jobs.

        Raises:
            DatasetLockedError: another process holds it; the message says which, and since when.
            DatasetError: the dataset no longer exists.
        """
        if layout.is_missing(self._database.path):
            raise gone(self._database.path)
        return self._lock.held(leaves_jobs=leaves_jobs)

    def lock_holder(self) -> Holder | None:
        """The other process that generates into this dataset, or None."""
        return self._lock.other_holder()

    def free_bytes(self) -> int:
        """Free space on the disk in bytes; does not account for quotas.

        Raises:
            DatasetError: the folder no longer exists.
        """
        with explained(self.root):
            return shutil.disk_usage(self.root).free

    def save(self, image: Image.Image, task: Task, provenance: Provenance, job_id: str) -> Record:
        """Save ``task``'s image: first the file, then the record, then the metadata.jsonl row.

        ``image`` has mode L and the task's size. An earlier image of this task is replaced. To save
        many, hold :meth:`generator_lock` around them: acquiring it takes time. After an error the
        same call can be repeated.

        Raises:
            DatasetLockedError: another process generates into this dataset.
            DatasetFullError: the image cannot be saved now; no partial file is left.
            DatasetError: the image cannot be saved; no partial file is left.
        """
        wanted = (task.parameters.width, task.parameters.height)
        if image.mode != "L" or image.size != wanted:
            raise DatasetError(
                f"task {task.id[:8]} needs an 8-bit greyscale image (mode L) of size {wanted}, "
                f"but this one has mode {image.mode}, size {image.size}"
            )
        path = layout.image_path(self.root, task)
        data = png.encode(image, task, provenance, job_id)
        examined = examine(image)
        with self.generator_lock():
            self._lock.check_not_taken_over()
            with metadata.locked(self.root):  # otherwise a reviewer may remove the empty folder
                layout.make_image_folder(path)
                if not write_new(path, [data]):
                    _check_replaceable(path, task)
                    write_whole(path, [data])
            with self._saving:
                file = path.relative_to(self.root).as_posix()
                return self._add_record(NewRecord(task, file, provenance, job_id, examined))

    def path_of(self, record: Record) -> Path:
        """The absolute path of ``record``'s image."""
        return self.root / record.file

    def existing(self, tasks: Iterable[Task]) -> set[str]:
        """Ids of the ``tasks`` that have an image: a record, and its file on disk."""
        return self.catalog.existing(task.id for task in tasks)

    def in_trash(self, tasks: Iterable[Task]) -> set[str]:
        """Ids of the ``tasks`` whose image was purged and is in the trash."""
        return Trash(self.root, self._database).holds(task.id for task in tasks)

    def desk(self, reviewer: str | None = None, *, hide_votes: bool = False) -> ReviewDesk:
        """The review of the images by ``reviewer``; None is the user who runs this process.

        With ``hide_votes``, opinions of others are hidden until ``reviewer`` has decided.

        Raises:
            DatasetError: ``reviewer`` is not a valid name.
        """
        return ReviewDesk(
            self.root,
            self._database,
            self.catalog,
            reviewer or review_log.current_user(),
            hide_votes,
        )

    def _mend_if_unlocked(self) -> None:
        try:
            with self._lock.held(wait=0, leaves_jobs=True):
                pass
        except DatasetLockedError:
            pass
        except DatasetDeniedError:
            raise
        except DatasetFullError:  # existing images can be viewed; saving will report it
            pass

    def _add_record(self, new: NewRecord) -> Record:
        if not self._metadata_in_step:  # the previous save failed midway
            mend_metadata(self.root, self.catalog)
        self._metadata_in_step = False
        with metadata.locked(self.root):
            before = self.catalog.record_of(new.task.id)
            record = self.catalog.add_record(new)
            path = self.root / layout.METADATA
            if before is None:  # decisions on an earlier image of the task are written later
                metadata.append(path, record)
            elif not metadata.is_same(before, record):
                metadata.rewrite(path, self.catalog.concluded_records())
        if before is not None and layout.present_name(before.file) == record.file != before.file:
            with suppress(OSError):  # the same image, as an earlier version named it
                (self.root / before.file).unlink(missing_ok=True)
        self._metadata_in_step = True
        return record

    def _mend(self, crashed: bool) -> None:
        """Repair everything the first time and after a crash; otherwise only metadata.jsonl."""
        if self.mended is None or crashed:
            self.mended = mend(self.root, self._database)
        else:
            mend_metadata(self.root, self.catalog)


def _check_replaceable(path: Path, task: Task) -> None:
    """Check that ``path`` is an image of this task: nothing else may be replaced.

    Raises:
        DatasetError: ``path`` is something else.
    """
    try:
        found = png.read(path).task
    except png.BadImageError as error:
        raise DatasetError(f"a file is in the way; move it elsewhere: {error}") from error
    if found.id != task.id:
        raise DatasetError(f"{path}: the image of another task is in the way; move it elsewhere")
