"""Tables of the catalog, filled with images and reviews, for tests of queries."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable
from itertools import chain

from xray_tui.dataset.catalog import schema

Row = dict[str, object]
"""Values by column: a column that a table gets later then has its default."""
Rows = Iterable[Row]


def empty_tables() -> sqlite3.Connection:
    """A catalog in memory. Its tables need not match ``records``."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.create(connection)
    return connection


def add_image(connection: sqlite3.Connection, record_id: int, **changes: object) -> None:
    """Add an image: a normal chest, except for ``changes``."""
    row: Row = {
        "record_id": record_id,
        "file": f"chest/normal/chest-normal_{record_id}_0123abcd.png",
        "region": "chest",
        "label": "normal",
        "prompt_id": "chest-normal",
        "text": "PA chest radiograph of a woman, clear lungs",
        "seed": record_id,
        "created": "2026-11-24T10:00:00+00:00",
        "checks": "",
        **changes,
    }
    _insert(connection, "images", row)


def add_review(
    connection: sqlite3.Connection, record_id: int, reviewer: str, **changes: object
) -> None:
    """Add an opinion: accepted, except for ``changes``. Tags as in the table: `` grid-noise ``."""
    row: Row = {
        "record_id": record_id,
        "reviewer": reviewer,
        "decision": "accepted",
        "reviewed": "2026-11-24T11:00:00+00:00",
        **changes,
    }
    _insert(connection, "reviews", row)


def add_verdict(connection: sqlite3.Connection, record_id: int, decision: str) -> None:
    """Set the dataset's decision on an image."""
    _insert(connection, "verdicts", {"record_id": record_id, "decision": decision})


def large_tables(path: str, images: int) -> sqlite3.Connection:
    """Write a catalog with ``images`` images, reviewed by anna, bob and two more, to ``path``."""
    connection = sqlite3.connect(path, isolation_level=None)
    schema.create(connection)
    draw = random.Random(1)
    connection.execute("BEGIN")
    _insert_all(connection, "images", (_image(draw, number) for number in range(1, images + 1)))
    for reviewer, share in (("anna", 1.0), ("bob", 0.6), ("carl", 0.5), ("dora", 0.5)):
        _insert_all(connection, "reviews", _reviews(draw, images, reviewer, share))
    verdicts: Rows = (
        {"record_id": number, "decision": draw.choice(("accepted", "rejected"))}
        for number in range(1, images + 1)
        if draw.random() < 0.7
    )
    _insert_all(connection, "verdicts", verdicts)
    connection.execute("COMMIT")
    return connection


def _insert(connection: sqlite3.Connection, table: str, row: Row) -> None:
    connection.execute(_insertion(table, row), row)


def _insert_all(connection: sqlite3.Connection, table: str, rows: Rows) -> None:
    """Insert rows that all have the columns of the first one; there is at least one."""
    rows = iter(rows)
    first = next(rows)
    connection.executemany(_insertion(table, first), chain((first,), rows))


def _insertion(table: str, row: Row) -> str:
    values = ", ".join(f":{column}" for column in row)
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"


def _image(draw: random.Random, record_id: int) -> Row:
    region = draw.choice(("chest", "knee", "hand"))
    label = draw.choice(("pneumonia", "effusion", "normal", "cardiomegaly", "nodule"))
    prompt, seed = f"{region}-{label}-{draw.randrange(20)}", draw.randrange(2**32)
    text = (
        f"PA radiograph of the {region} of a {draw.randrange(20, 90)}-year-old man, {label}, small "
        "pleural effusion on the left, heart size normal, digital, high contrast, no lettering"
    )
    return {
        "record_id": record_id,
        "file": f"{region}/{label}/{prompt}_{seed}_{record_id:08x}.png",
        "region": region,
        "label": label,
        "prompt_id": prompt,
        "text": text,
        "seed": seed,
        "created": (
            f"2026-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T10:00:00.000+00:00"
        ),
        "checks": draw.choice(("", "", "", "blank", "low-contrast clipped")),
        "job_id": f"202611{1 + record_id // 10_000:02}-100000-{record_id // 500 % 20:04x}",
        "model": "bundled",
        "scheduler": draw.choice(("ddim", "euler-a", "unipc")),
        "steps": draw.choice((10, 14, 20)),
    }


def _reviews(draw: random.Random, images: int, reviewer: str, share: float) -> Rows:
    for record_id in range(1, images + 1):
        if draw.random() < share:
            yield {
                "record_id": record_id,
                "reviewer": reviewer,
                "decision": draw.choice(("accepted", "rejected", "undecided")),
                "rating": draw.randrange(6),
                "tags": draw.choice(("", " grid-noise ", " duplicate wrong-label ")),
                "note": draw.choice(("", "look again at the left costophrenic angle")),
                "reviewed": "2026-11-24T10:00:00.000+00:00",
            }
