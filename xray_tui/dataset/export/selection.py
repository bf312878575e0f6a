"""Which images are exported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple, get_args

from xray_tui.commands import command
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.query.parsing import Query
from xray_tui.dataset.query.sql import select_ids

Only = Literal["accepted", "not-rejected", "all"]
"""Which images, by the decision of the dataset."""
ONLY: tuple[Only, ...] = get_args(Only)

_VERDICT = "ifnull(verdicts.decision, 'undecided')"
_WHERE: dict[Only, str] = {
    "accepted": f"{_VERDICT} = 'accepted'",
    "not-rejected": f"{_VERDICT} != 'rejected'",
    "all": "1",
}


_NAMES: dict[Only, str] = {
    "accepted": "accepted",
    "not-rejected": "accepted or undecided",
    "all": "there",
}


class Chosen(NamedTuple):
    """An image to export: what its split depends on."""

    record_id: Annotated[int, "images.record_id"]
    file: str
    """Path in the dataset."""
    region: str
    label: str
    prompt_id: str
    seed: int
    phash: Annotated[str, "ifnull(phash, '')"]
    """Perceptual hash; empty if the image could not be examined."""


def choose(database: Database, only: Only, query: Query, reviewer: str) -> list[Chosen]:
    """The images that match, by record id.

    Decision, rating, tags and notes in ``query`` are those of ``reviewer``; its order is not used.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    sql, values = select_ids(query, reviewer)
    return database.select(
        Chosen,
        "FROM images LEFT JOIN verdicts ON verdicts.record_id = images.record_id"
        f" WHERE {_WHERE[only]} AND images.record_id IN ({sql}) ORDER BY images.record_id",
        values,
    )


def nothing_chosen(root: Path, only: Only, query: str, purpose: str) -> str:
    """Why there is no image to ``purpose``, a verb, and how there may be some."""
    if query:
        return f"no image to {purpose}: none matches {query} and is {_NAMES[only]}"
    if only == "all":
        return f"no image to {purpose}: the dataset is empty"
    review = command("review", dataset=root)
    return (
        f"no image to {purpose}: none is {_NAMES[only]}; review them with {review}, or {purpose} "
        "the others, too, with --only all"
    )
