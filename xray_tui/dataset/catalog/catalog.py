"""The catalog's records and decisions, with one function for each question asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import damaged
from xray_tui.dataset.catalog.record_rows import store
from xray_tui.dataset.catalog.review_rows import read_reviews
from xray_tui.dataset.files.encoding import decode_provenance, decode_task, describe
from xray_tui.dataset.opinions import Review
from xray_tui.dataset.records import Examined, Provenance, Record
from xray_tui.tasks import Task

_COLUMNS = "id, task, file, width, height, provenance, job_id"
_KINDS = (int, str, str, int, int, str, str)
_STALE = "metadata_is_stale"
_CHUNK = 500
"""Values bound, or records read, by one statement."""


@dataclass(frozen=True)
class Counts:
    """Images of one prompt."""

    made: int
    accepted: int


class Catalog:
    """Records and decisions of the dataset in ``root``. Usable from any thread.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self._root = root
        self._database = database

    # ---- records ---------------------------------------------------------------------------------

    def add_record(
        self,
        task: Task,
        file: str,
        size: tuple[int, int],
        provenance: Provenance,
        job_id: str,
        examined: Examined | None = None,
    ) -> Record:
        """Store that ``file`` holds ``task``'s image and mark the task done.

        ``file`` is relative to the dataset; ``size`` is width, height in pixels. An earlier record
        of the same task keeps its id and its review, the rest is replaced.
        """
        with self._database.transaction() as connection:
            number = store(connection, task, file, size, provenance, job_id, examined)
        return Record(number, task, file, *size, provenance, job_id)

    def move_record(self, record: Record, file: str) -> Record:
        """Store that the image of ``record`` lies at ``file`` now, under another label.

        Until :meth:`metadata_written`, metadata.jsonl counts as stale.
        """
        moved = replace(record, file=file)
        with self._database.transaction() as connection:
            connection.execute("UPDATE records SET file = ? WHERE id = ?", (file, record.id))
            connection.execute(
                "UPDATE images SET file = ?, label = ? WHERE record_id = ?",
                (file, moved.label, record.id),
            )
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, '1')", (_STALE,))
        return moved

    def metadata_written(self) -> None:
        """Note that metadata.jsonl has what was moved."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM settings WHERE name = ?", (_STALE,))

    def metadata_is_stale(self) -> bool:
        """Whether something was moved that metadata.jsonl may not have."""
        return bool(self._database.read("SELECT 1 FROM settings WHERE name = ?", (_STALE,)))

    def files(self) -> set[str]:
        """The file of each record."""
        return {file for (file,) in self._database.read("SELECT file FROM records", (), (str,))}

    def records(self, limit: int = -1, offset: int = 0) -> list[Record]:
        """Records, the latest first; ``limit`` -1 for all."""
        return self._records("ORDER BY id DESC LIMIT ? OFFSET ?", limit, offset)

    def all_records(self) -> Iterator[Record]:
        """Every record, the oldest first, a few in memory at a time."""
        last = 0
        while part := self._records("WHERE id > ? ORDER BY id LIMIT ?", last, _CHUNK):
            yield from part
            last = part[-1].id

    def record(self, record_id: int) -> Record | None:
        """The record with this id."""
        return next(iter(self._records("WHERE id = ?", record_id)), None)

    def places(self, record_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """File and task id of those of ``record_ids`` that there are."""
        found: dict[int, tuple[str, str]] = {}
        for start in range(0, len(record_ids), _CHUNK):
            part = record_ids[start : start + _CHUNK]
            rows = self._database.read(
                f"SELECT id, file, task_id FROM records WHERE id IN ({','.join('?' * len(part))})",
                part,
                (int, str, str),
            )
            found |= {number: (file, task_id) for number, file, task_id in rows}
        return found

    def record_of(self, task_id: str) -> Record | None:
        """The record of a task's image, whether or not its file is still there."""
        return next(iter(self._records("WHERE task_id = ?", task_id)), None)

    def record_count(self) -> int:
        """Number of records."""
        ((count,),) = self._database.read("SELECT count(*) FROM records")
        return int(count)

    def existing(self, task_ids: Iterable[str]) -> set[str]:
        """Those of ``task_ids`` that have an image: a record, and its file on disk."""
        found: set[str] = set()
        remaining = iter(task_ids)
        while part := list(islice(remaining, _CHUNK)):
            marks = ",".join("?" * len(part))
            rows = self._database.read(
                f"SELECT task_id, file FROM records WHERE task_id IN ({marks})", part, (str, str)
            )
            found.update(task_id for task_id, file in rows if (self._root / file).is_file())
        return found

    def counts(self) -> dict[str, Counts]:
        """Images made and accepted, by prompt id; prompts without images are not in it."""
        rows = self._database.read(
            "SELECT prompt_id, count(*), count(CASE decision WHEN 'accepted' THEN 1 END)"
            " FROM records LEFT JOIN verdicts ON record_id = id GROUP BY prompt_id",
            (),
            (str, int, int),
        )
        return {prompt_id: Counts(made, accepted) for prompt_id, made, accepted in rows}

    def reviews(self, record_id: int) -> list[Review]:
        """What its reviewers think of a record's image, the latest first."""
        return read_reviews(self._database, record_id)

    # ---- rows to records -------------------------------------------------------------------------

    def _records(self, which: str, *values: object) -> list[Record]:
        rows = self._database.read(f"SELECT {_COLUMNS} FROM records {which}", values, _KINDS)
        return [self._record(*row) for row in rows]

    def _record(self, number: int, task: str, file: str, *rest: Any) -> Record:
        width, height, provenance, job_id = rest
        try:
            return Record(
                number,
                decode_task(task),
                file,
                width,
                height,
                decode_provenance(provenance),
                job_id,
            )
        except ValueError as error:
            raise damaged(
                self._database.path, f"record {number} is damaged ({describe(error)})"
            ) from error
