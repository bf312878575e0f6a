"""Records images that have no record, from the provenance in each file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import append_line, move_aside
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import NewRecord
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.errors import DatasetError
from xray_tui.text import clean

_CHUNK = 200
"""Images adopted in one transaction."""


def adoptable(root: Path, file: str) -> NewRecord:
    """The record for ``file``, relative to ``root``, from the provenance in the file.

    Raises:
        BadImageError: the file is damaged, or is where another image belongs.
        DatasetError: the file cannot be read now, or was written by a newer xray-tui.
    """
    contents = png.read(root / file)
    try:
        place = layout.image_path(root, contents.task, contents.label)
    except DatasetError as error:
        raise png.BadImageError(f"{root / file}: {error}") from error
    wanted = place.relative_to(root).as_posix()
    if wanted not in (file, layout.present_name(file)):
        raise png.BadImageError(f"{root / file}: it contains the image that belongs at {wanted}")
    return NewRecord(contents.task, file, contents.provenance, contents.job_id)


def quarantine(root: Path, file: str, why: str) -> str:
    """Move ``file`` to the quarantine and add the reason to ``why.txt`` there; returns that line.

    Raises:
        DatasetError: the file could not be moved.
    """
    folder = root / layout.QUARANTINE
    moved = move_aside(root / file, (folder / file).parent)
    layout.remove_if_empty([(root / file).parent])
    line = clean(f"{file} moved to {moved.relative_to(root).as_posix()}: {why}")
    append_line(folder / "why.txt", line)
    return line


class Adoption:
    """Adopts ``files`` of the dataset in ``root``; the caller holds the generator lock."""

    def __init__(
        self, root: Path, database: Database, files: list[str], progress: ReportProgress
    ) -> None:
        self.adopted = 0
        """Number of images recorded."""
        self.quarantined = 0
        """Number of files that cannot be adopted and were moved to the quarantine."""
        self.restored = 0
        """Number of opinions restored for the adopted images."""
        self.lines: list[str] = []
        """Files that were quarantined or could not be read, for the log."""
        self._root = root
        self._files = files
        self._progress = progress
        self._catalog = Catalog(root, database)
        self._repair = CatalogRepair(database)
        self._batch: dict[str, NewRecord] = {}
        """Images to be adopted next, by task id."""

    def run(self) -> None:
        """Adopt the files that can be adopted, and quarantine the others.

        Raises:
            DatasetError: the catalog or reviews.jsonl cannot be read or written.
        """
        opinions, _ = review_log.read_all(self._root / layout.REVIEWS)
        bad: list[tuple[str, str]] = []
        found = self._adoptable(bad)
        while self._fill_batch(found):
            self.restored += self._repair.adopt(self._batch.values(), opinions)
            self.adopted += len(self._batch)
        for file, why in bad:
            self._quarantine(file, why)

    def _fill_batch(self, found: Iterator[NewRecord]) -> bool:
        """Collect the next images; the later file of an image counts. False if none are left."""
        self._batch = {}
        for image in found:
            self._batch[image.task.id] = image
            if len(self._batch) == _CHUNK:
                break
        return bool(self._batch)

    def _adoptable(self, bad: list[tuple[str, str]]) -> Iterator[NewRecord]:
        """The files that can be adopted; the others are added to ``bad`` with the reason."""
        for number, file in enumerate(self._files, 1):
            self._progress("reading images", number, len(self._files))
            try:
                found = adoptable(self._root, file)
                with metadata.locked(self._root):  # otherwise a reviewer could be moving it
                    wanted = self._is_wanted(found)
                if wanted:
                    yield found
            except png.BadImageError as error:
                bad.append((file, str(error).removeprefix(f"{self._root / file}: ")))
            except DatasetError as error:  # unreadable now, or written by a newer version
                if os.path.lexists(self._root / file):
                    self.lines.append(clean(str(error)))

    def _is_wanted(self, found: NewRecord) -> bool:
        """Whether the image still has no record.

        A change of label that was cut short leaves two files of one image: the later one is kept.

        Raises:
            BadImageError: ``found`` is the earlier file.
        """
        known = self._batch.get(found.task.id) or self._catalog.record_of(found.task.id)
        if known is None or not (self._root / known.file).is_file():
            return True
        if known.file == found.file:  # a reviewer has just moved it here
            return False
        changes = len(png.read(self._root / known.file).relabelled)
        if changes >= len(png.read(self._root / found.file).relabelled):
            raise png.BadImageError(_moved(known.file))
        self._quarantine(known.file, _moved(found.file))
        return True

    def _quarantine(self, file: str, why: str) -> None:
        try:
            self.lines.append(quarantine(self._root, file, why))
            self.quarantined += 1
        except DatasetError as error:
            self.lines.append(clean(str(error)))


def _moved(file: str) -> str:
    return f"its label was changed, and the image is now at {file}"
