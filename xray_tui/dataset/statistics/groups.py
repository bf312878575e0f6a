"""What images can be counted by: their properties, and the slots of their prompts."""

from __future__ import annotations

from collections.abc import Iterable

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.query.sql import Piece
from xray_tui.errors import DatasetError
from xray_tui.text import quoted

PROPERTIES = {
    "region": "images.region",
    "label": "images.label",
    "model": "images.model",
    "prompt": "images.prompt_id",
    "scheduler": "images.scheduler",
    "steps": "images.steps",
    "guidance": "json_extract(records.task, '$.parameters.guidance_scale')",
    "size": "records.width || '×' || records.height",
    "view": "ifnull(json_extract(records.task, '$.slots.view'),"
    " json_extract(records.task, '$.view'))",
    "day": "substr(images.created, 1, 10)",
}
"""Properties by name, as SQL over the tables of :data:`IMAGES`. Any other name is that of a slot.

A view drawn by a slot is the one that the prompt asked for, as in exports.
"""
IMAGES = "images LEFT JOIN records ON records.id = record_id"
PURGED_HAVE = frozenset({"region", "label"})
"""What is still known of images that were purged."""


def expression(name: str) -> Piece:
    """The SQL of a property or slot; NULL for images whose prompt has no such slot."""
    if name in PROPERTIES:
        return PROPERTIES[name], []
    return "json_extract(records.task, ?)", [f'$.slots."{name}"']


def slots_in(database: Database) -> tuple[str, ...]:
    """The slots of all images, by name.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    return tuple(
        database.column(
            str,
            "SELECT DISTINCT slots.key FROM images JOIN records ON records.id = record_id,"
            " json_each(records.task, '$.slots') AS slots ORDER BY 1",
        )
    )


def parse_groups(text: str, slots: Iterable[str]) -> tuple[str, ...]:
    """The names in ``text``, which are separated by commas; ``slots`` are those of the dataset.

    Raises:
        DatasetError: a name is neither a property nor a slot.
    """
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    known = (*PROPERTIES, *(slot for slot in slots if slot not in PROPERTIES))
    for name in names:
        if name not in known:
            raise DatasetError(
                f"--by {quoted(text)}: {quoted(name)} is no property or slot of these images; use "
                f"{', '.join(known)}"
            )
    return names
