"""The images as the gallery shows them, read for the visible cells only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.opinions import Decision, Opinion
from xray_tui.dataset.query.sql import DISPUTED_SQL


@dataclass(frozen=True)
class GalleryRow:
    """An image, one reviewer's opinion of it, and the dataset's decision."""

    record_id: int
    file: str
    """Relative to the dataset."""
    region: str
    label: str
    """The current label."""
    prompt_id: str
    text: str
    seed: int
    created: str
    """ISO 8601 in UTC."""
    phash: str
    """16 hexadecimal digits; empty if it is not known."""
    checks: tuple[str, ...]
    opinion: Opinion
    verdict: Decision
    disputed: bool = False
    """Whether some reviewers accept the image and others reject it."""


class _CatalogRow(NamedTuple):
    record_id: Annotated[int, "images.record_id"]
    file: str
    region: str
    label: str
    prompt_id: str
    text: str
    seed: int
    created: str
    phash: Annotated[str, "ifnull(phash, '')"]
    checks: str
    decision: Annotated[Decision, "ifnull(own.decision, 'undecided')"]
    rating: Annotated[int, "ifnull(rating, 0)"]
    tags: Annotated[str, "ifnull(tags, '')"]
    note: Annotated[str, "ifnull(note, '')"]
    verdict: Annotated[Decision, "ifnull(verdicts.decision, 'undecided')"]
    disputed: Annotated[int, f"({DISPUTED_SQL})"]

    @property
    def gallery_row(self) -> GalleryRow:
        return GalleryRow(
            record_id=self.record_id,
            file=self.file,
            region=self.region,
            label=self.label,
            prompt_id=self.prompt_id,
            text=self.text,
            seed=self.seed,
            created=self.created,
            phash=self.phash,
            checks=tuple(self.checks.split()),
            opinion=Opinion(self.decision, self.rating, tuple(self.tags.split()), self.note),
            verdict=self.verdict,
            disputed=bool(self.disputed),
        )


def read_rows(database: Database, reviewer: str, record_ids: Sequence[int]) -> list[GalleryRow]:
    """The rows of ``record_ids`` in their order, without records that no longer exist.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    rows = database.select_in(
        _CatalogRow,
        "FROM images LEFT JOIN reviews AS own ON own.record_id = images.record_id AND reviewer = ?"
        " LEFT JOIN verdicts ON verdicts.record_id = images.record_id"
        " WHERE images.record_id IN",
        record_ids,
        (reviewer,),
    )
    found = {row.record_id: row.gallery_row for row in rows}
    return [found[record_id] for record_id in record_ids if record_id in found]
