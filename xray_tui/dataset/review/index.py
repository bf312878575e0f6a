"""Reads the images for the review: those that match a query, names in use, and the progress."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database, storable
from xray_tui.dataset.catalog.review_rows import GIVEN, time_of
from xray_tui.dataset.query.completion import Vocabulary
from xray_tui.dataset.query.parsing import Query
from xray_tui.dataset.query.sql import select_ids
from xray_tui.dataset.review import pace
from xray_tui.dataset.review.gallery_rows import GalleryRow, read_rows
from xray_tui.dataset.review.tallies import ACCEPTED, IMAGES, PURGED, REJECTED, Tally, opinions
from xray_tui.text import clean


@dataclass(frozen=True)
class LabelProgress:
    """How many images of one label are reviewed."""

    region: str
    label: str
    images: Annotated[int, IMAGES]
    accepted: Annotated[int, ACCEPTED]
    """By the dataset's decision, like ``rejected``."""
    rejected: Annotated[int, REJECTED]
    mine: Annotated[int, "count(CASE WHEN own.decision != 'undecided' THEN 1 END)"]
    """Images with a decision of this reviewer."""

    purged: Annotated[int, PURGED] = 0
    """Rejected images that were purged; they are not among ``images``."""

    @property
    def undecided(self) -> int:
        """Images without a decision of the dataset."""
        return self.tally.undecided

    @property
    def tally(self) -> Tally:
        """The images by the decision of the dataset, which may be that of other reviewers."""
        return Tally(self.images, self.accepted, self.rejected, self.purged)

    @property
    def left(self) -> int:
        """Images without a decision of this reviewer; others may have decided on them."""
        return self.images - self.mine


@dataclass(frozen=True)
class ReviewerProgress:
    """How many images one reviewer has decided on."""

    images: Annotated[int, "(SELECT count(*) FROM images WHERE record_id <= ?)"]
    accepted: Annotated[int, "count(CASE decision WHEN 'accepted' THEN 1 END)"]
    rejected: Annotated[int, "count(CASE decision WHEN 'rejected' THEN 1 END)"]

    @property
    def left(self) -> int:
        """Images without a decision of this reviewer."""
        return self.images - self.accepted - self.rejected


class ImageHash(NamedTuple):
    """The perceptual hash of an image."""

    record_id: int
    phash: str
    """16 hexadecimal digits."""
    region: str


class ReviewIndex:
    """The images as ``reviewer`` sees them. Reads only; usable from any thread.

    Every method raises the errors of :class:`~xray_tui.dataset.catalog.database.Database`.
    """

    def __init__(self, database: Database, reviewer: str, *, hide_votes: bool = False) -> None:
        self._database = database
        self._reviewer = reviewer
        self._hide_votes = hide_votes

    def find(self, query: Query) -> array[int]:
        """The ids of the records that match ``query``, in its order."""
        sql, values = select_ids(query, self._reviewer, hide_votes=self._hide_votes)
        # A single row, because sqlite3 lets other threads run before each row, which adds up.
        ((text,),) = self._database.read(f"SELECT group_concat(record_id) FROM ({sql})", values)
        return array("q", map(int, text.split(",")) if text else ())

    def rows(self, record_ids: Sequence[int]) -> list[GalleryRow]:
        """The gallery's rows for these records in their order, without missing records."""
        rows = read_rows(self._database, self._reviewer, record_ids)
        if not self._hide_votes:
            return rows
        return [
            replace(row, verdict="undecided", disputed=False)
            if row.opinion.decision == "undecided"
            else row
            for row in rows
        ]

    def vocabulary(self, saved: Sequence[str] = (), tags: Sequence[str] = ()) -> Vocabulary:
        """The names in use; ``saved`` are the names of the saved filters, ``tags`` are added."""
        return Vocabulary(
            labels=self._distinct("label"),
            regions=self._distinct("region"),
            prompts=self._distinct("prompt_id"),
            tags=tuple(dict.fromkeys((*self.tags(), *tags))),
            reviewers=self._names("SELECT DISTINCT reviewer FROM reviews ORDER BY reviewer"),
            hide_votes=self._hide_votes,
            jobs=self._jobs(),
            models=self._distinct("model"),
            saved=tuple(saved),
        )

    def tags(self) -> tuple[str, ...]:
        """The tags in use by any reviewer; of hidden votes, none."""
        sql = "SELECT DISTINCT tags FROM reviews WHERE tags != ''"
        values: tuple[str, ...] = ()
        if self._hide_votes:
            sql += (
                " AND (reviewer = ? OR record_id IN (SELECT record_id FROM reviews"
                " WHERE reviewer = ? AND decision != 'undecided'))"
            )
            values = (self._reviewer, self._reviewer)
        texts = self._names(sql, *values)
        return tuple(sorted({tag for text in texts for tag in text.split()}))

    def labels(self, region: str) -> tuple[str, ...]:
        """The labels of the images of ``region``."""
        return self._names(
            "SELECT DISTINCT label FROM images WHERE region = ? ORDER BY label", region
        )

    def progress(self) -> list[LabelProgress]:
        """The progress of each label, by region and label."""
        return self._database.select(
            LabelProgress,
            "FROM (SELECT region, label, record_id FROM images"
            " UNION ALL SELECT region, label, NULL FROM purged) AS listed"
            f"{opinions(hide_votes=self._hide_votes)}"
            " GROUP BY region, label ORDER BY region, label",
            (self._reviewer,),
        )

    def newest(self) -> int:
        """The record of the newest image; 0 if there are no images."""
        return self._database.column(int, "SELECT ifnull(max(record_id), 0) FROM images")[0]

    def number_after(self, record_id: int) -> int:
        """The number of images that are newer than this record."""
        after = "SELECT count(*) FROM images WHERE record_id > ?"
        return self._database.column(int, after, (record_id,))[0]

    def reviewer_progress(self, newest: int) -> ReviewerProgress:
        """The progress of this reviewer over all images up to the record ``newest``."""
        (progress,) = self._database.select(
            ReviewerProgress,
            "FROM reviews JOIN images USING (record_id) WHERE reviewer = ? AND record_id <= ?",
            (newest, self._reviewer, newest),
        )
        return progress

    def undecided_of(self, record_ids: Iterable[int]) -> int:
        """The number of these records that this reviewer is undecided on."""
        # One value for all ids, because the number of values in a statement is limited.
        listed = f"[{','.join(map(str, record_ids))}]"
        ((number,),) = self._database.read(
            "SELECT count(*) FROM json_each(?) AS listed WHERE NOT EXISTS (SELECT 1 FROM reviews"
            " WHERE record_id = listed.value AND reviewer = ? AND decision != 'undecided')",
            (listed, storable(self._reviewer)),
        )
        return int(number)

    def seconds_per_image(self) -> float | None:
        """The pace of this reviewer, as :mod:`xray_tui.dataset.review.pace` calculates it."""
        found = self._database.column(
            str,
            f"SELECT DISTINCT {GIVEN} FROM reviews WHERE reviewer = ? AND decision != 'undecided'"
            " ORDER BY 1 DESC LIMIT ?",
            (self._reviewer, pace.LATEST),
        )
        return pace.seconds_per_image(time_of(self._database, text).timestamp() for text in found)

    def hashes(self) -> list[ImageHash]:
        """The perceptual hash of each image that has been examined, by record id."""
        return self._database.select(ImageHash, "FROM images WHERE phash != '' ORDER BY record_id")

    def _jobs(self) -> dict[str, str]:
        """The jobs whose images exist, the latest first, with their titles if still known."""
        rows = self._database.read(
            "SELECT made.job_id, ifnull(title, '') FROM"
            " (SELECT DISTINCT job_id FROM images WHERE job_id != '') AS made"
            " LEFT JOIN jobs ON id = made.job_id ORDER BY made.job_id DESC"
        )
        return {str(job_id): clean(str(title)) for job_id, title in rows}

    def _distinct(self, column: str) -> tuple[str, ...]:
        return self._names(f"SELECT DISTINCT {column} FROM images ORDER BY {column}")

    def _names(self, sql: str, *values: object) -> tuple[str, ...]:
        return tuple(self._database.column(str, sql, values))
