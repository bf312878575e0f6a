"""SQL about what is in the trash; every reader and writer uses these functions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.records import label_of
from xray_tui.dataset.trash.manifest import TrashedImage


@dataclass(frozen=True)
class Purge:
    """The images of one purge that are in the trash."""

    id: str
    images: int
    bytes: int


class _TaskRow(NamedTuple):
    task_id: str
    file: Annotated[str, "file"]


class _TaskId(NamedTuple):
    task_id: str


def read_purges(database: Database) -> list[Purge]:
    """The purges whose images are in the trash, the latest first."""
    return database.select(Purge, "FROM purges ORDER BY id DESC")


def in_trash(database: Database, task_ids: Iterable[str]) -> set[str]:
    """Those of ``task_ids`` whose image is in the trash."""
    rest = "FROM purged WHERE purge != '' AND task_id IN"
    return {row.task_id for row in database.select_in(_TaskId, rest, task_ids)}


def recorded_files(database: Database, images: Sequence[TrashedImage]) -> dict[str, str]:
    """The files of those images that have a record, by task id."""
    tasks = (image.record.task.id for image in images)
    found = database.select_in(_TaskRow, "FROM records WHERE task_id IN", tasks)
    return {row.task_id: row.file for row in found}


def note_purge(connection: sqlite3.Connection, purge: str, images: Sequence[TrashedImage]) -> None:
    """Note that ``images`` are in the trash. ``connection`` is in a transaction."""
    connection.execute(
        "INSERT INTO purges VALUES (?, ?, ?)",
        (purge, len(images), sum(image.size for image in images)),
    )
    connection.executemany(
        "INSERT OR REPLACE INTO purged VALUES (?, ?, ?, ?)",
        (
            (image.record.task.id, purge, image.record.task.region, label_of(image.record.file))
            for image in images
        ),
    )


def note_moving(connection: sqlite3.Connection, purge: str) -> None:
    """Note that images of ``purge`` are being moved back. ``connection`` is in a transaction."""
    connection.execute("DELETE FROM purges WHERE id = ?", (purge,))


def note_emptied(connection: sqlite3.Connection, purge: str) -> None:
    """Note that no image of ``purge`` is in the trash. ``connection`` is in a transaction."""
    note_moving(connection, purge)
    connection.execute("UPDATE purged SET purge = '' WHERE purge = ?", (purge,))
