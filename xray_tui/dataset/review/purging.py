"""Purging rejected images as a step of the review, which can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.query.sql import DECIDED_SQL, DISPUTED_SQL
from xray_tui.dataset.review import history
from xray_tui.dataset.review.steps import Purged, Step
from xray_tui.dataset.trash.rows import Purge
from xray_tui.dataset.trash.trash import Restored, Trash, new_purge_id
from xray_tui.errors import DatasetError
from xray_tui.text import counted

_NOT_IN_TRASH = "no longer in the trash"


@dataclass(frozen=True)
class Rejected:
    """The images that the dataset rejects, and that a purge would move to the trash."""

    labels: dict[tuple[str, str], int]
    """Number of images by region and label."""
    bytes: int
    disputed: int
    """Those that some reviewer accepted."""

    @property
    def images(self) -> int:
        """Number of images."""
        return sum(self.labels.values())


class _RejectedRow(NamedTuple):
    record_id: Annotated[int, "images.record_id"]
    file: str
    region: str
    label: str
    disputed: Annotated[int, f"({DISPUTED_SQL})"]


class Purging:
    """Purges and restores the rejected images of the dataset in ``root`` for ``reviewer``.

    With ``hide_votes``, only images that ``reviewer`` has decided on are counted and purged:
    otherwise the question would reveal what others decided.

    Every method raises the errors of :class:`~xray_tui.dataset.trash.trash.Trash`.
    """

    def __init__(self, root: Path, database: Database, reviewer: str, hide_votes: bool) -> None:
        self.trash = Trash(root, database)
        self._root = root
        self._database = database
        self._reviewer = reviewer
        self._hide_votes = hide_votes

    def rejected(self) -> Rejected:
        """What :meth:`purge` would move; reads the size of each file."""
        rows = self._rejected()
        labels: dict[tuple[str, str], int] = {}
        size = 0
        for row in rows:
            labels[row.region, row.label] = labels.get((row.region, row.label), 0) + 1
            with suppress(OSError):  # a missing file is not moved
                size += (self._root / row.file).lstat().st_size
        return Rejected(labels, size, sum(row.disputed for row in rows))

    def purge(self, progress: ReportProgress = no_progress) -> Purge:
        """Move all images that the dataset rejects to the trash, as one step that can be undone."""
        purge = new_purge_id()
        return self.trash.put(
            [row.record_id for row in self._rejected()],
            purge,
            progress,
            lambda connection, ids: history.add(
                connection,
                self._reviewer,
                Step(f"purged {counted(len(ids), 'rejected image')}", purged=Purged(purge, ids)),
            ),
        )

    def restore_latest(self, progress: ReportProgress = no_progress) -> Restored | None:
        """Restore the latest purge in the trash, of any reviewer; None if the trash is empty."""
        purges = self.trash.purges()
        if not purges:
            return None
        step = history.next_to_undo(self._database, self._reviewer)
        if step is not None and step[1].purged and step[1].purged.purge == purges[0].id:
            return self._restore(step[0], purges[0].id, progress)
        return self.trash.restore(purges[0].id, progress)

    def apply(self, number: int, title: str, purged: Purged, progress: ReportProgress) -> str:
        """Undo or redo step ``number``, which ``purged`` these images; returns its title.

        Raises:
            DatasetError: some images stay in the trash.
        """
        if not purged.restored:
            return self._purge_again(number, title, purged, progress)
        if purged.purge not in {purge.id for purge in self.trash.purges()}:
            with self._database.transaction() as connection:
                history.mark(connection, number, undone=True)
            return f"{title} ({_NOT_IN_TRASH})"
        restored = self._restore(number, purged.purge, progress)
        if restored.problems:
            more = counted(len(restored.problems) - 1, "more")
            first = restored.problems[0]
            raise DatasetError(f"{title} – {first}{f', and {more}' * (len(restored.problems) > 1)}")
        return title

    def _restore(self, number: int, purge: str, progress: ReportProgress) -> Restored:
        return self.trash.restore(
            purge, progress, lambda connection: history.mark(connection, number, undone=True)
        )

    def _purge_again(
        self, number: int, title: str, purged: Purged, progress: ReportProgress
    ) -> str:
        ids = [row.record_id for row in self._rejected(purged.record_ids)]
        moved = self.trash.put(
            ids,
            purged.purge,
            progress,
            lambda connection, _: history.mark(connection, number, undone=False),
        )
        if not moved.images:
            with self._database.transaction() as connection:
                history.mark(connection, number, undone=False)
            return f"{title} (no longer rejected)"
        return title

    def _rejected(self, among: Sequence[int] | None = None) -> list[_RejectedRow]:
        rest = "FROM images JOIN verdicts USING (record_id) WHERE verdicts.decision = 'rejected'"
        values: tuple[object, ...] = ()
        if self._hide_votes:
            rest += f" AND {DECIDED_SQL}"
            values = (storable(self._reviewer),)
        if among is None:
            return self._database.select(_RejectedRow, f"{rest} ORDER BY images.record_id", values)
        within = f"{rest} AND images.record_id IN"
        return list(self._database.select_in(_RejectedRow, within, among, values))
