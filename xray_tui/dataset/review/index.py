"""Looking through a dataset's images: what matches a query, what there is to ask for, how far the
review has come."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import time_of
from xray_tui.dataset.query.completion import Vocabulary
from xray_tui.dataset.query.parsing import Query
from xray_tui.dataset.query.sql import select_ids
from xray_tui.dataset.review.gallery_rows import GalleryRow, read_rows

_PAUSE = 60.0
"""Seconds after which a reviewer counts as having been away."""
_LATEST = 200
"""Opinions from which the speed is worked out."""


@dataclass(frozen=True)
class LabelProgress:
    """How far the review of one label has come."""

    region: str
    label: str
    images: int
    accepted: int
    """By the dataset's decision, as ``rejected``."""
    rejected: int
    mine: int
    """Images this reviewer has decided on."""

    @property
    def undecided(self) -> int:
        """Images without a decision of the dataset."""
        return self.images - self.accepted - self.rejected

    @property
    def left(self) -> int:
        """Images this reviewer has not decided on, as others may have."""
        return self.images - self.mine


@dataclass(frozen=True)
class OwnProgress:
    """How far one reviewer has come."""

    images: int
    accepted: int
    rejected: int

    @property
    def left(self) -> int:
        """Images this reviewer has not decided on."""
        return self.images - self.accepted - self.rejected


class ReviewIndex:
    """The images as ``reviewer`` sees them. Reads only; usable from any thread.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, database: Database, reviewer: str) -> None:
        self._database = database
        self._reviewer = reviewer

    def find(self, query: Query) -> array[int]:
        """The ids of the records that match, in the order asked for."""
        sql, values = select_ids(query, self._reviewer)
        # One row: for each row the thread gives way to others, and those of an app take long.
        ((text,),) = self._database.read(f"SELECT group_concat(record_id) FROM ({sql})", values)
        return array("q", map(int, text.split(",")) if text else ())

    def rows(self, record_ids: Sequence[int]) -> list[GalleryRow]:
        """What the gallery shows of these records, in their order; those that are gone left out."""
        return read_rows(self._database, self._reviewer, record_ids)

    def vocabulary(self, saved: Sequence[str] = ()) -> Vocabulary:
        """The names in use; ``saved`` are those of the saved filters."""
        return Vocabulary(
            labels=self._distinct("label"),
            regions=self._distinct("region"),
            prompts=self._distinct("prompt_id"),
            tags=self.tags(),
            reviewers=self._names("SELECT DISTINCT reviewer FROM reviews ORDER BY reviewer"),
            saved=tuple(saved),
        )

    def tags(self) -> tuple[str, ...]:
        """Tags in use, by anyone."""
        texts = self._names("SELECT DISTINCT tags FROM reviews WHERE tags != ''")
        return tuple(sorted({tag for text in texts for tag in text.split()}))

    def labels(self, region: str) -> tuple[str, ...]:
        """Labels of the images of ``region``."""
        return self._names(
            "SELECT DISTINCT label FROM images WHERE region = ? ORDER BY label", region
        )

    def progress(self) -> list[LabelProgress]:
        """How far each label has come, by region and label."""
        rows = self._database.read(
            "SELECT region, label, count(*), count(CASE verdicts.decision WHEN 'accepted' THEN 1"
            " END), count(CASE verdicts.decision WHEN 'rejected' THEN 1 END),"
            " count(CASE WHEN own.decision != 'undecided' THEN 1 END) FROM images"
            " LEFT JOIN verdicts ON verdicts.record_id = images.record_id"
            " LEFT JOIN reviews AS own ON own.record_id = images.record_id AND reviewer = ?"
            " GROUP BY region, label ORDER BY region, label",
            (self._reviewer,),
            (str, str, int, int, int, int),
        )
        return [LabelProgress(*row) for row in rows]

    def own_progress(self) -> OwnProgress:
        """What this reviewer has decided, of all images."""
        (numbers,) = self._database.read(
            "SELECT (SELECT count(*) FROM images), count(CASE decision WHEN 'accepted' THEN 1 END),"
            " count(CASE decision WHEN 'rejected' THEN 1 END)"
            " FROM reviews JOIN images USING (record_id) WHERE reviewer = ?",
            (self._reviewer,),
            (int, int, int),
        )
        return OwnProgress(*numbers)

    def seconds_per_image(self) -> float | None:
        """What this reviewer usually takes from one image to the next; pauses do not count.

        None as long as there is too little to tell.
        """
        rows = self._database.read(
            "SELECT DISTINCT reviewed FROM reviews WHERE reviewer = ? AND decision != 'undecided'"
            " ORDER BY reviewed DESC LIMIT ?",
            (self._reviewer, _LATEST),
            (str,),
        )
        times = [time_of(self._database, text).timestamp() for (text,) in rows]
        gaps = [later - earlier for later, earlier in itertools.pairwise(times)]
        short = [gap for gap in gaps if gap < _PAUSE]
        return median(short) if len(short) >= 3 else None

    def hashes(self) -> list[tuple[int, str, str]]:
        """Record id, perceptual hash and region of each image that has been examined."""
        return self._database.read(
            "SELECT record_id, phash, region FROM images WHERE phash != '' ORDER BY record_id",
            (),
            (int, str, str),
        )

    def _distinct(self, column: str) -> tuple[str, ...]:
        return self._names(f"SELECT DISTINCT {column} FROM images ORDER BY {column}")

    def _names(self, sql: str, *values: object) -> tuple[str, ...]:
        return tuple(name for (name,) in self._database.read(sql, values, (str,)))
