"""The catalog's records, and the number of images and decisions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.catalog.record_rows import store
from xray_tui.dataset.files.encoding import decode_provenance, decode_task, describe
from xray_tui.dataset.opinions import NO_CONCLUSION, Conclusion, Review
from xray_tui.dataset.records import NewRecord, Record

_STALE = "metadata_is_stale"
_DECIDED_BY = (
    " AND EXISTS (SELECT 1 FROM reviews WHERE reviews.record_id = records.id"
    " AND reviews.decision != 'undecided' AND reviewer = ?)"
)
_CHUNK = 500
"""Records read by one statement."""
_PLACES = 5_000
"""Places read by one statement: a reviewer's key waits for it."""


@dataclass(frozen=True)
class Counts:
    """Number of images of one prompt."""

    images: int
    accepted: int


class _RecordRow(NamedTuple):
    id: int
    task: str
    file: str
    width: int
    height: int
    provenance: str
    job_id: str


class _Place(NamedTuple):
    """Where a record's image is."""

    id: int
    file: str
    task_id: str


class _PromptRow(NamedTuple):
    prompt_id: str
    images: Annotated[int, "count(*)"]
    accepted: Annotated[int, "count(CASE decision WHEN 'accepted' THEN 1 END)"]


class Catalog:
    """Records and decisions of the dataset in ``root``. Usable from any thread.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database

    # ---- records ---------------------------------------------------------------------------------

    def add_record(self, new: NewRecord) -> Record:
        """Record an image and mark its task done.

        An earlier record of the same task keeps its id and its reviews; the rest is replaced.
        """
        with self._database.transaction() as connection:
            number = store(connection, new)
        width, height = new.size
        return Record(number, new.task, new.file, width, height, new.provenance, new.job_id)

    def move_record(self, record: Record, file: str) -> Record:
        """Store that the image of ``record`` was moved to ``file``, under another label.

        metadata.jsonl counts as stale until :meth:`metadata_written` is called.
        """
        (moved,) = self.move_records([(record, file)])
        return moved

    def move_records(self, moves: Sequence[tuple[Record, str]]) -> list[Record]:
        """:meth:`move_record` for many records at once."""
        moved = [replace(record, file=file) for record, file in moves]
        with self._database.transaction() as connection:
            for record in moved:
                connection.execute(
                    "UPDATE records SET file = ? WHERE id = ?", (record.file, record.id)
                )
                connection.execute(
                    "UPDATE images SET file = ?, label = ? WHERE record_id = ?",
                    (record.file, record.label, record.id),
                )
            note_stale_metadata(connection)
        return moved

    def metadata_written(self) -> None:
        """Note that metadata.jsonl contains all moves, purges and restored images."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM settings WHERE name = ?", (_STALE,))

    def metadata_is_stale(self) -> bool:
        """Whether metadata.jsonl may lack such a change."""
        return bool(self._database.read("SELECT 1 FROM settings WHERE name = ?", (_STALE,)))

    def files(self) -> set[str]:
        """The file of each record."""
        return set(self._database.column(str, "SELECT file FROM records"))

    def task_ids(self) -> list[tuple[str, str]]:
        """The file and the task id of each record."""
        found = self._database.select(_Place, "FROM records ORDER BY id")
        return [(place.file, place.task_id) for place in found]

    def has_reviews(self) -> bool:
        """Whether any image has a review."""
        return bool(self._database.read("SELECT 1 FROM reviews LIMIT 1"))

    def records(self, limit: int = -1, offset: int = 0) -> list[Record]:
        """Records, latest first; all of them with ``limit`` -1."""
        return self._records("ORDER BY id DESC LIMIT ? OFFSET ?", limit, offset)

    def last_id(self) -> int:
        """The highest id that a record ever had, also if it was removed since; 0 without records.

        A record that is saved gets a higher one, a record that is restored its own again.
        """
        found = self._database.column(int, "SELECT seq FROM sqlite_sequence WHERE name = 'records'")
        return found[0] if found else 0

    def removed(self) -> int:
        """The number of ids without a record; it changes when images are purged or restored."""
        last = "SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = 'records'"
        return self._database.column(int, f"SELECT ({last}) - count(*) FROM records")[0]

    def all_records(self) -> Iterator[Record]:
        """Every record, oldest first, with a few in memory at a time."""
        last = 0
        while part := self._records("WHERE id > ? ORDER BY id LIMIT ?", last, _CHUNK):
            yield from part
            last = part[-1].id

    def concluded_records(self) -> Iterator[tuple[Record, Conclusion]]:
        """Every record with the dataset's opinion of it, as :meth:`all_records`."""
        last = 0
        while part := self._records("WHERE id > ? ORDER BY id LIMIT ?", last, _CHUNK):
            last = part[-1].id
            known = review_rows.read_conclusions(self._database, part[0].id, last)
            yield from ((record, known.get(record.id, NO_CONCLUSION)) for record in part)

    def chosen_records(self, record_ids: Sequence[int]) -> Iterator[tuple[Record, Conclusion]]:
        """These records, sorted by id, as :meth:`concluded_records`; missing ones are left out."""
        for start in range(0, len(record_ids), _CHUNK):
            part = record_ids[start : start + _CHUNK]
            known = review_rows.read_conclusions(self._database, part[0], part[-1])
            marks = ",".join("?" * len(part))
            records = self._records(f"WHERE id IN ({marks}) ORDER BY id", *part)
            yield from ((record, known.get(record.id, NO_CONCLUSION)) for record in records)

    def conclusions(self) -> Iterator[tuple[str, Conclusion]]:
        """The file of every record, oldest first, with the dataset's opinion of it.

        Much faster than :meth:`concluded_records`.
        """
        last = 0
        which = "FROM records WHERE id > ? ORDER BY id LIMIT ?"
        while part := self._database.select(_Place, which, (last, _PLACES)):
            last = part[-1].id
            known = review_rows.read_conclusions(self._database, part[0].id, last)
            yield from ((place.file, known.get(place.id, NO_CONCLUSION)) for place in part)

    def unwritten_decisions(self) -> str:
        """Empty if metadata.jsonl has all decisions; otherwise another text after each decision."""
        return review_rows.unwritten(self._database)

    def decisions_written(self, written: str) -> None:
        """Note that metadata.jsonl has those for which :meth:`unwritten_decisions` was a text."""
        if written:
            review_rows.note_written(self._database, written)

    def record(self, record_id: int) -> Record | None:
        """The record with this id, or None."""
        return next(iter(self._records("WHERE id = ?", record_id)), None)

    def places(self, record_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """File and task id of each of ``record_ids`` that exists."""
        found = self._database.select_in(_Place, "FROM records WHERE id IN", record_ids)
        return {place.id: (place.file, place.task_id) for place in found}

    def record_of(self, task_id: str) -> Record | None:
        """The record of a task's image, even if its file no longer exists; or None."""
        return next(iter(self._records("WHERE task_id = ?", task_id)), None)

    def record_count(self) -> int:
        """Number of records."""
        (count,) = self._database.column(int, "SELECT count(*) FROM records")
        return count

    def existing(self, task_ids: Iterable[str]) -> set[str]:
        """The ``task_ids`` that have an image: a record, and its file on disk."""
        found = self._database.select_in(_Place, "FROM records WHERE task_id IN", task_ids)
        return {place.task_id for place in found if (self._root / place.file).is_file()}

    def counts(self, only_decided_by: str | None = None) -> dict[str, Counts]:
        """Images generated and accepted, by prompt id; prompts without images are left out.

        Accepted are, with ``only_decided_by``, only images that this reviewer has decided on.
        """
        rows = self._database.select(
            _PromptRow,
            "FROM records LEFT JOIN verdicts ON record_id = id"
            + _DECIDED_BY * (only_decided_by is not None)
            + " GROUP BY prompt_id",
            () if only_decided_by is None else (storable(only_decided_by),),
        )
        return {row.prompt_id: Counts(row.images, row.accepted) for row in rows}

    def reviews(self, record_id: int) -> list[Review]:
        """All reviews of a record's image, latest first."""
        return review_rows.read_reviews(self._database, record_id)

    # ---- rows to records -------------------------------------------------------------------------

    def _records(self, which: str, *values: object) -> list[Record]:
        rows = self._database.select(_RecordRow, f"FROM records {which}", values)
        return [self._record(row) for row in rows]

    def _record(self, row: _RecordRow) -> Record:
        try:
            task, provenance = decode_task(row.task), decode_provenance(row.provenance)
        except ValueError as error:
            raise damaged(
                self._database.path, f"record {row.id} is damaged ({describe(error)})"
            ) from error
        return Record(row.id, task, row.file, row.width, row.height, provenance, row.job_id)


def note_stale_metadata(connection: sqlite3.Connection) -> None:
    """Note that metadata.jsonl lacks a change; ``connection`` is in the change's transaction.

    :meth:`Catalog.metadata_written` takes the note back.
    """
    connection.execute("INSERT OR REPLACE INTO settings VALUES (?, '1')", (_STALE,))
