"""Rebuilds the catalog from the images and ``reviews.jsonl``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import explained, sync_folder
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.dataset.repair.mending import Mended, mend
from xray_tui.dataset.repair.salvage import salvage


@dataclass(frozen=True)
class Rebuilt:
    """Result of a rebuild."""

    set_aside: Path | None
    """The new path of the old catalog; None if there was no catalog."""
    images: int
    jobs: int
    """Number of jobs that could be read from the old catalog."""
    mended: Mended


def rebuild(
    root: Path, progress: ReportProgress = no_progress, *, steal_lock: bool = False
) -> Rebuilt:
    """Set the catalog of ``root`` aside and build a new one.

    Every image with intact provenance gets its record back, with the reviews in reviews.jsonl.
    Jobs, and the rule for decisions, are restored as far as the old catalog can be read. If the
    rebuild is interrupted, the next opening of the dataset completes it. A copy of a dataset whose
    private folder was left behind gets a new one.

    Raises:
        DatasetLockedError: another process generates into the dataset.
        DatasetError: something cannot be read or written.
    """
    root = layout.check_rebuildable(root)
    layout.make_root(root)
    lock = GeneratorLock(root, steal=steal_lock)
    with lock.held(leaves_jobs=True):
        set_aside = _set_aside(root)
        database = Database(root / layout.CATALOG)
        try:
            jobs = salvage(set_aside, database) if set_aside is not None else 0
            mended = mend(root, database, progress)
            CatalogRepair(database).match_tasks_to_records()
            images = Catalog(root, database).record_count()
        finally:
            database.close()
    return Rebuilt(set_aside, images, jobs, mended)


def _set_aside(root: Path) -> Path | None:
    """Rename the catalog and its journal; returns the new path, or None without a catalog."""
    path = root / layout.CATALOG
    with explained(path):
        if not path.exists():
            return None
        aside = _free_name(path)
        journal = path.with_name(f"{path.name}-journal")
        if journal.exists():  # first, so that SQLite never applies it to the new catalog
            journal.rename(aside.with_name(f"{aside.name}-journal"))
        path.rename(aside)
        sync_folder(path.parent)
    return aside


def _free_name(path: Path) -> Path:
    now = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    aside = path.with_name(f"catalog-damaged-{now}.sqlite")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"catalog-damaged-{now}-{number}.sqlite")
    return aside
