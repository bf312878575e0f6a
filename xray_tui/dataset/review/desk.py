"""All that a reviewer does with a dataset's images. Each act is durable when its call returns."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.checks.backfill import Backfill
from xray_tui.dataset.files import metadata
from xray_tui.dataset.opinions import (
    LONGEST_NOTE,
    MAX_RATING,
    Decision,
    Opinion,
    Review,
)
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.records import Record
from xray_tui.dataset.review import history as review_steps
from xray_tui.dataset.review.history import Move, Step
from xray_tui.dataset.review.index import ReviewIndex
from xray_tui.dataset.review.own_opinions import OwnOpinions
from xray_tui.dataset.review.relabelling import Moving
from xray_tui.errors import DatasetError
from xray_tui.names import name_problem, reviewer_name_problem, tag_problem
from xray_tui.text import clean, counted

"""Takes how many files are moved, and of how many."""

_LEFT = "left as it is: changed or gone meanwhile"


class ReviewDesk:
    """The images as ``reviewer`` sees and judges them. Usable from any thread.

    What is done to many records at once is one step of undo; records that are gone are left out,
    and where all are, judging raises a DatasetError. Every method raises what
    :class:`~xray_tui.dataset.catalog.database.Database` raises.

    Raises:
        DatasetError: ``reviewer`` is no name.
    """

    def __init__(self, root: Path, database: Database, catalog: Catalog, reviewer: str) -> None:
        if problem := reviewer_name_problem(reviewer):
            raise DatasetError(problem)
        self.reviewer = reviewer
        self.index = ReviewIndex(database, reviewer)
        self.root = root
        self._database = database
        self._catalog = catalog
        self._opinions = OwnOpinions(root, database, catalog, reviewer)

    # ---- looking ---------------------------------------------------------------------------------

    def record(self, record_id: int) -> Record | None:
        """The record with this id."""
        return self._catalog.record(record_id)

    def reviews(self, record_id: int) -> list[Review]:
        """What everyone thinks of an image, the latest first."""
        return self._catalog.reviews(record_id)

    def backfill(
        self, progress: ReportProgress, failed: Callable[[DatasetError], object]
    ) -> Backfill:
        """Examines, once started, the images that nobody has examined yet."""
        return Backfill(self.root, self._database, progress, failed)

    def blind_images(self) -> BlindImages:
        """The images for blind reading."""
        return BlindImages(self.root, self._database)

    def coming(self) -> dict[tuple[str, str], int]:
        """Images that are queued and will be made, by region and label."""
        return JobQueue(self._database).images_to_come()

    # ---- judging ---------------------------------------------------------------------------------

    def set_decision(self, record_ids: Sequence[int], decision: Decision) -> int:
        """Accept, reject, or take that back; returns how many opinions changed."""
        return self._change(record_ids, decision, lambda old: replace(old, decision=decision))

    def set_rating(self, record_ids: Sequence[int], rating: int) -> int:
        """Give 1 to 5 stars, or none (0); returns how many opinions changed."""
        if not 0 <= rating <= MAX_RATING:
            raise ValueError(f"a rating is 0 to {MAX_RATING}, not {rating}")
        return self._change(record_ids, f"rated {rating}", lambda old: replace(old, rating=rating))

    def add_tag(self, record_ids: Sequence[int], tag: str) -> int:
        """Add ``tag``; returns how many opinions changed.

        Raises:
            DatasetError: it cannot be a tag.
        """
        if problem := tag_problem(tag):
            raise DatasetError(problem)
        return self._change(
            record_ids,
            f"tagged {tag}",
            lambda old: replace(old, tags=tuple(sorted({*old.tags, tag}))),
        )

    def remove_tag(self, record_ids: Sequence[int], tag: str) -> int:
        """Take ``tag`` away; returns how many opinions changed."""
        return self._change(
            record_ids,
            f"took away {clean(tag)}",
            lambda old: replace(old, tags=tuple(other for other in old.tags if other != tag)),
        )

    def set_note(self, record_ids: Sequence[int], note: str) -> int:
        """Write a note in place of the one before; returns how many opinions changed.

        Raises:
            DatasetError: it is too long.
        """
        if len(note) > LONGEST_NOTE:
            raise DatasetError(f"a note has at most {LONGEST_NOTE:,} characters")
        return self._change(record_ids, "noted", lambda old: replace(old, note=note))

    def _change(
        self, record_ids: Sequence[int], what: str, change: Callable[[Opinion], Opinion]
    ) -> int:
        with self._database.transaction() as connection:
            changes = self._opinions.changes(dict.fromkeys(record_ids, change))
            if changes:
                self._opinions.store(connection, changes)
                step = Step(f"{what}: {counted(len(changes), 'image')}", changes)
                review_steps.add(connection, self.reviewer, step)
            else:
                self._check_there(record_ids)
        return len(changes)

    def _check_there(self, record_ids: Sequence[int]) -> None:
        """
        Raises:
            DatasetError: none of these records is there any more.
        """
        if record_ids and not self._catalog.places(record_ids):
            one = len(record_ids) == 1
            raise DatasetError(
                f"the {'image is' if one else 'images are'} no longer in the dataset;"
                " F5 in the review reads the list again"
            )

    # ---- labels ----------------------------------------------------------------------------------

    def relabel(
        self, record_ids: Sequence[int], label: str, progress: ReportProgress = no_progress
    ) -> int:
        """Move images to another label of their region; returns how many were moved.

        What was moved stays moved, also where others could not be, and can be undone.

        Raises:
            DatasetError: not all could be moved, or ``label`` cannot name a folder.
        """
        if problem := name_problem(label):
            raise DatasetError(f"label {problem}")
        moving = Moving(self.root, self._catalog, self.reviewer)
        try:
            with metadata.locked(self.root):
                moving.run(self._moves(record_ids, label), progress)
        finally:
            if moving.done:
                with moving.stopping(), self._database.transaction() as connection:
                    self._note_moved(connection, moving.done, label)
        moving.check()
        return len(moving.done)

    def _moves(self, record_ids: Sequence[int], label: str) -> list[Move]:
        records = list(filter(None, map(self._catalog.record, record_ids)))
        if not records:
            self._check_there(record_ids)
        return [Move(record.id, record.label, label) for record in records if record.label != label]

    def _note_moved(self, connection: sqlite3.Connection, moves: list[Move], label: str) -> None:
        self._opinions.store(
            connection, self._opinions.unchanged([move.record_id for move in moves])
        )
        title = f"relabelled as {label}: {counted(len(moves), 'image')}"
        review_steps.add(connection, self.reviewer, Step(title, (), tuple(moves)))

    # ---- undo ------------------------------------------------------------------------------------

    def next_undo(self) -> Step | None:
        """What :meth:`undo` takes back."""
        return _step_of(review_steps.last_done(self._database, self.reviewer))

    def next_redo(self) -> Step | None:
        """What :meth:`redo` does again."""
        return _step_of(review_steps.first_undone(self._database, self.reviewer))

    def undo(self, progress: ReportProgress = no_progress) -> str:
        """Take the last step back; returns what it was, empty if there is none.

        What was changed otherwise since that step stays; if that is all of it, the text says so.
        Files that cannot be moved stay, too, and the step before is next all the same.

        Raises:
            DatasetError: not all files could be moved.
        """
        found = review_steps.last_done(self._database, self.reviewer)
        if found is None:
            return ""
        number, step = found
        return self._again(number, step.reversed(), progress, undone=True)

    def redo(self, progress: ReportProgress = no_progress) -> str:
        """Do again what was undone last; as :meth:`undo`."""
        found = review_steps.first_undone(self._database, self.reviewer)
        if found is None:
            return ""
        number, step = found
        return self._again(number, step, progress, undone=False)

    def _again(self, number: int, step: Step, progress: ReportProgress, *, undone: bool) -> str:
        moving = Moving(self.root, self._catalog, self.reviewer)
        if step.moves:
            with metadata.locked(self.root):
                moving.run(step.moves, progress)
        moved = [move.record_id for move in moving.done]
        with self._database.transaction() as connection:
            wanted = {change.record_id: change.applied_to for change in step.changes}
            changes = [*self._opinions.changes(wanted), *self._opinions.unchanged(moved)]
            self._opinions.store(connection, changes)
            if moving.stopped is None:  # else the rest can be moved once that is over
                review_steps.mark(connection, number, undone=undone)
        moving.check(f"{step.title} – ")
        return step.title if changes else f"{step.title} ({_LEFT})"


def _step_of(found: tuple[int, Step] | None) -> Step | None:
    return None if found is None else found[1]
