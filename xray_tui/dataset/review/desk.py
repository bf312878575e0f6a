"""Everything a reviewer can do with a dataset's images."""

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
from xray_tui.dataset.repair.mending import try_to_write_decisions
from xray_tui.dataset.review import history
from xray_tui.dataset.review.history import StepNumbers
from xray_tui.dataset.review.index import ReviewIndex
from xray_tui.dataset.review.merging import MergeResult, merge
from xray_tui.dataset.review.purging import Purging
from xray_tui.dataset.review.relabelling import ImageMover
from xray_tui.dataset.review.reviewer_opinions import ReviewerOpinions
from xray_tui.dataset.review.steps import Move, Step
from xray_tui.dataset.review.summary import ReviewSummary, review_summary
from xray_tui.errors import DatasetError
from xray_tui.keymap import key_of
from xray_tui.names import name_problem, reviewer_name_problem, tag_problem
from xray_tui.text import UNCHANGED, clean, counted

_IMAGES = "{images}"
"""In the title of a step: the number of its images."""


class ReviewDesk:
    """The images as ``reviewer`` sees and judges them. Usable from any thread.

    Each change is durable when its method returns. A change of several records is one undo step;
    records that no longer exist are skipped, and if none exists, judging raises a DatasetError.
    Every method raises the errors of :class:`~xray_tui.dataset.catalog.database.Database`.

    Raises:
        DatasetError: ``reviewer`` cannot be a reviewer's name.
    """

    def __init__(
        self, root: Path, database: Database, catalog: Catalog, reviewer: str, hide_votes: bool
    ) -> None:
        if problem := reviewer_name_problem(reviewer):
            raise DatasetError(problem)
        self.reviewer = reviewer
        self.hide_votes = hide_votes
        self.index = ReviewIndex(database, reviewer, hide_votes=hide_votes)
        self.steps = StepNumbers(database, reviewer)
        self.purging = Purging(root, database, reviewer, hide_votes)
        self.root = root
        self._database = database
        self._catalog = catalog
        self._opinions = ReviewerOpinions(root, database, catalog, reviewer)

    # ---- reading ---------------------------------------------------------------------------------

    def record(self, record_id: int) -> Record | None:
        """The record with this id; None if it no longer exists."""
        return self._catalog.record(record_id)

    def reviews(self, record_id: int) -> list[Review]:
        """The reviews of an image by all reviewers, the latest first."""
        return self._catalog.reviews(record_id)

    def backfill(
        self, progress: ReportProgress, failed: Callable[[DatasetError], object]
    ) -> Backfill:
        """Examines, once started, the images that have not been examined yet."""
        return Backfill(self.root, self._database, progress, failed)

    def blind_images(self) -> BlindImages:
        """The images that blind reading can use."""
        return BlindImages(self.root, self._database)

    @property
    def queue(self) -> JobQueue:
        """The queue of the dataset."""
        return JobQueue(self._database)

    def images_to_come(self) -> dict[tuple[str, str], int]:
        """The number of images still to be generated, by region and label."""
        return self.queue.images_to_come()

    def summary(self) -> ReviewSummary:
        """Who reviewed, when, and why images were rejected."""
        return review_summary(self._database, self.reviewer if self.hide_votes else None)

    def merge(self, path: Path, progress: ReportProgress = no_progress) -> list[MergeResult]:
        """Merge the reviews at ``path``: a file, a dataset, or a folder with several of them.

        Raises:
            DatasetError: there are none, or they cannot be read or stored.
        """
        return merge(self.root, self._database, [path], progress)

    # ---- judging ---------------------------------------------------------------------------------

    def set_decision(self, record_ids: Sequence[int], decision: Decision) -> int:
        """Accept, reject, or clear the decision; returns how many opinions changed."""
        action = "cleared the decision on" if decision == "undecided" else decision
        title = f"{action} {_IMAGES}"
        return self._change(record_ids, title, lambda old: replace(old, decision=decision))

    def set_rating(self, record_ids: Sequence[int], rating: int) -> int:
        """Set 1 to 5 stars, or none (0); returns how many opinions changed.

        Raises:
            ValueError: ``rating`` is out of range.
        """
        if not 0 <= rating <= MAX_RATING:
            raise ValueError(f"a rating is 0 to {MAX_RATING}, not {rating}")
        stars = f"{counted(rating, 'star')} to" if rating else "no stars to"
        title = f"gave {stars} {_IMAGES}"
        return self._change(record_ids, title, lambda old: replace(old, rating=rating))

    def add_tag(self, record_ids: Sequence[int], tag: str) -> int:
        """Add ``tag``; returns how many opinions changed.

        Raises:
            DatasetError: ``tag`` is not allowed as a tag.
        """
        if problem := tag_problem(tag):
            raise DatasetError(problem)
        title = f"tagged {_IMAGES} with {tag}"
        return self._change(record_ids, title, lambda old: old.with_tag(tag))

    def remove_tag(self, record_ids: Sequence[int], tag: str) -> int:
        """Remove ``tag``; returns how many opinions changed."""
        title = f"removed the tag {clean(tag)} from {_IMAGES}"
        return self._change(record_ids, title, lambda old: old.with_tag(tag, False))

    def toggle_reason(self, record_ids: Sequence[int], reason: str) -> None:
        """Tag images that were just rejected with ``reason``; if all have this tag, remove it.

        Together with the rejection it is one undo step.

        Raises:
            DatasetError: ``reason`` is not allowed as a tag.
        """
        if problem := tag_problem(reason):
            raise DatasetError(problem)
        with self._database.transaction() as connection:
            now = self._opinions.unchanged(record_ids)
            remove = all(reason in change.before.tags for change in now)
            if not now:
                self._check_exist(record_ids)
            tagged_now = (one.with_tag(reason, not remove) for one in now)
            changes = self._opinions.store(connection, list(tagged_now))
            images = counted(len(changes), "image")
            removed, tagged = f"removed the tag {reason} from {images}", f"tagged {images} with "
            step = Step(removed if remove else f"{tagged}{reason}", changes)
            last = history.next_to_undo(self._database, self.reviewer)
            history.add_to_rejection(connection, self.reviewer, last, step)

    def set_note(self, record_ids: Sequence[int], note: str) -> int:
        """Replace the note; returns how many opinions changed.

        Raises:
            DatasetError: ``note`` is too long.
        """
        if len(note) > LONGEST_NOTE:
            raise DatasetError(f"the note is too long; use at most {LONGEST_NOTE:,} characters")
        title = f"changed the note of {_IMAGES}"
        return self._change(record_ids, title, lambda old: replace(old, note=note))

    def _change(
        self, record_ids: Sequence[int], title: str, change: Callable[[Opinion], Opinion]
    ) -> int:
        with self._database.transaction() as connection:
            changes = self._opinions.changes(dict.fromkeys(record_ids, change))
            if changes:
                changes = self._opinions.store(connection, changes)
                step = Step(title.replace(_IMAGES, counted(len(changes), "image")), changes)
                history.add(connection, self.reviewer, step)
            else:
                self._check_exist(record_ids)
        return len(changes)

    def _check_exist(self, record_ids: Sequence[int]) -> None:
        """Raise a DatasetError if none of these records exists any more."""
        if record_ids and not self._catalog.places(record_ids):
            images = "image is" if len(record_ids) == 1 else "images are"
            raise DatasetError(
                f"the {images} no longer in the dataset; press {key_of('refresh')} to refresh"
            )

    def write_decisions(self) -> None:
        """Bring the decisions in metadata.jsonl up to date, if necessary and possible now."""
        try_to_write_decisions(self.root, self._catalog)

    # ---- labels ----------------------------------------------------------------------------------

    def relabel(
        self, record_ids: Sequence[int], label: str, progress: ReportProgress = no_progress
    ) -> int:
        """Move images to another label of their region; returns how many were moved.

        Moved images stay moved even if others could not be, and the move can be undone.

        Raises:
            DatasetError: some images could not be moved, or ``label`` is not allowed.
        """
        if problem := name_problem(label):
            raise DatasetError(f"label {problem}")
        mover = ImageMover(self.root, self._catalog, self.reviewer)
        try:
            with metadata.locked(self.root):
                mover.run(self._moves(record_ids, label), progress)
        finally:
            if mover.done:
                with mover.catching(), self._database.transaction() as connection:
                    self._store_moves(connection, mover.done, label)
        mover.check()
        return len(mover.done)

    def _moves(self, record_ids: Sequence[int], label: str) -> list[Move]:
        records = list(filter(None, map(self._catalog.record, record_ids)))
        if not records:
            self._check_exist(record_ids)
        return [Move(record.id, record.label, label) for record in records if record.label != label]

    def _store_moves(self, connection: sqlite3.Connection, moves: list[Move], label: str) -> None:
        self._opinions.store(
            connection, self._opinions.unchanged([move.record_id for move in moves])
        )
        title = f"relabelled {counted(len(moves), 'image')} as {label}"
        history.add(connection, self.reviewer, Step(title, (), tuple(moves)))

    # ---- undo ------------------------------------------------------------------------------------

    def next_undo(self) -> Step | None:
        """The step that :meth:`undo` will undo."""
        return _step_of(history.next_to_undo(self._database, self.reviewer))

    def next_redo(self) -> Step | None:
        """The step that :meth:`redo` will redo."""
        return _step_of(history.next_to_redo(self._database, self.reviewer))

    def undo(self, progress: ReportProgress = no_progress) -> str:
        """Undo the last step; returns its title, empty if there is none.

        Opinions that have changed since that step stay; if all have, the title says so. Files that
        cannot be moved stay as well; the step still counts as undone, unless no file at all can be
        moved now, for example because the disk is full.

        Raises:
            DatasetError: some files could not be moved.
        """
        found = history.next_to_undo(self._database, self.reviewer)
        if found is None:
            return ""
        number, step = found
        return self._apply(number, step.reversed(), progress, undone=True)

    def redo(self, progress: ReportProgress = no_progress) -> str:
        """Redo the step that was undone last; as :meth:`undo`."""
        found = history.next_to_redo(self._database, self.reviewer)
        if found is None:
            return ""
        number, step = found
        return self._apply(number, step, progress, undone=False)

    def _apply(self, number: int, step: Step, progress: ReportProgress, *, undone: bool) -> str:
        if step.purged:
            return self.purging.apply(number, step.title, step.purged, progress)
        mover = ImageMover(self.root, self._catalog, self.reviewer)
        if step.moves:
            with metadata.locked(self.root):
                mover.run(step.moves, progress)
        moved = [move.record_id for move in mover.done]
        with self._database.transaction() as connection:
            changes = [*self._opinions.applied(step.changes), *self._opinions.unchanged(moved)]
            self._opinions.store(connection, changes)
            if mover.stopped is None:  # otherwise the step can be repeated to move the rest
                history.mark(connection, number, undone=undone)
        mover.check(f"{step.title} – ")
        return step.title if changes else f"{step.title}{UNCHANGED}"


def _step_of(found: tuple[int, Step] | None) -> Step | None:
    return None if found is None else found[1]
