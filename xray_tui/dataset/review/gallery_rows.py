"""What a cell of the gallery shows of an image, read for as many as are in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.opinions import Decision, Opinion

_CHUNK = 500
_SQL = (
    "SELECT images.record_id, file, region, label, prompt_id, text, seed, created,"
    " ifnull(phash, ''), checks, ifnull(own.decision, 'undecided'), ifnull(rating, 0),"
    " ifnull(tags, ''), ifnull(note, ''), ifnull(verdicts.decision, 'undecided')"
    " FROM images LEFT JOIN reviews AS own ON own.record_id = images.record_id AND reviewer = ?"
    " LEFT JOIN verdicts ON verdicts.record_id = images.record_id"
    " WHERE images.record_id IN ({marks})"
)
_KINDS = (int, str, str, str, str, str, int, str, str, str, str, int, str, str, str)


@dataclass(frozen=True)
class GalleryRow:
    """An image, one reviewer's opinion of it, and the dataset's decision."""

    record_id: int
    file: str
    """Relative to the dataset."""
    region: str
    label: str
    """The label it has now."""
    prompt_id: str
    text: str
    seed: int
    created: str
    """ISO 8601 in UTC."""
    phash: str
    """16 hexadecimal digits; empty where it is not known."""
    checks: tuple[str, ...]
    opinion: Opinion
    verdict: Decision


def read_rows(database: Database, reviewer: str, record_ids: Sequence[int]) -> list[GalleryRow]:
    """The rows of ``record_ids`` in their order; records that are gone are left out."""
    found: dict[int, GalleryRow] = {}
    for start in range(0, len(record_ids), _CHUNK):
        part = record_ids[start : start + _CHUNK]
        sql = _SQL.format(marks=",".join("?" * len(part)))
        for row in database.read(sql, (reviewer, *part), _KINDS):
            number, file, region, label, prompt_id, text, seed, created, phash, *rest = row
            checks, decision, rating, tags, note, verdict = rest
            opinion = Opinion(decision, rating, tuple(tags.split()), note)
            found[number] = GalleryRow(
                number,
                file,
                region,
                label,
                prompt_id,
                text,
                seed,
                created,
                phash,
                tuple(checks.split()),
                opinion,
                verdict,
            )
    return [found[record_id] for record_id in record_ids if record_id in found]
