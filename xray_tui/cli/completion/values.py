"""The values of options and arguments that depend on files: prompts, datasets, downloads.

Files are read as they are; what cannot be read has no values.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

from xray_tui.cli.completion.asked import Asked, Word
from xray_tui.cli.completion.places import CATALOG, SESSIONS, dataset_folder, prompt_library
from xray_tui.names import FILE_NAME, SHORT_NAME
from xray_tui.text import counted

_COLUMNS = {"label": "label", "region": "region", "prompt": "prompt_id", "model": "model"}
"""Fields of filters whose values are those of a column of the images."""
_ACTIVE = ("running", "queued", "paused", "interrupted")


def values_of(kind: str, asked: Asked) -> list[Word]:
    """The values of this kind; empty for kinds that have none, such as numbers."""
    find = _VALUES.get(kind)
    if find is None:
        return []
    try:
        return list(dict(find(asked)).items())
    except (OSError, ValueError, sqlite3.Error):
        return []


def _prompts_or_jobs(asked: Asked) -> Iterator[Word]:
    return _jobs(asked) if "--resume" in asked.options else _prompt_ids(asked)


def _prompts(asked: Asked) -> Iterator[dict[str, object]]:
    import tomllib

    with prompt_library(asked).open("rb") as file:
        entries = tomllib.load(file).get("prompts", [])
    yield from (entry for entry in entries if isinstance(entry, dict))


def _prompt_ids(asked: Asked) -> Iterator[Word]:
    for entry in _prompts(asked):
        name = str(entry.get("id", ""))
        if FILE_NAME.fullmatch(name) and name not in asked.arguments:
            yield name, f"{entry.get('region', '')}/{entry.get('label', '')}"


def _labels(asked: Asked) -> Iterator[Word]:
    """The labels of the dataset, then those of the prompt library."""
    try:
        for label, number in _rows(asked, "SELECT label, count(*) FROM images GROUP BY 1"):
            yield label, counted(number, "image")
    except sqlite3.Error:
        pass
    for entry in _prompts(asked):
        label = str(entry.get("label", ""))
        if FILE_NAME.fullmatch(label):
            yield label, ""


def _jobs(asked: Asked) -> Iterator[Word]:
    """Jobs that are not finished come first, then the latest."""
    marks = ",".join("?" * len(_ACTIVE))
    rows = _rows(
        asked,
        "SELECT id, state, title FROM jobs WHERE removed = ''"
        f" ORDER BY state IN ({marks}) DESC, place DESC LIMIT 200",
        *_ACTIVE,
    )
    for job, state, title in rows:
        if job not in asked.arguments:
            yield job, f"{state}: {title}"


def _reviewers(asked: Asked) -> Iterator[Word]:
    for reviewer, number in _rows(asked, "SELECT reviewer, count(*) FROM reviews GROUP BY 1"):
        if " " not in reviewer:
            yield reviewer, f"{number} reviewed"


def _models(_: Asked) -> Iterator[Word]:
    from xray_tui.models.hub.cache import snapshots

    yield "bundled", "ships with xray-tui"
    for snapshot in snapshots():
        yield snapshot.hub_id, "downloaded"


def _sessions(asked: Asked) -> Iterator[Word]:
    for file in sorted((dataset_folder(asked) / SESSIONS).glob("*/session.json")):
        if SHORT_NAME.fullmatch(file.parent.name):
            yield file.parent.name, ""


def _query(asked: Asked) -> Iterator[Word]:
    from xray_tui.cli.completion.query import terms

    return terms(asked.given, asked.fields, lambda field: _field_values(asked, field))


def _field_values(asked: Asked, field: str) -> Iterator[Word]:
    if field == "job":
        yield from _jobs(asked)
    elif field == "tag":
        for (tags,) in _rows(asked, "SELECT DISTINCT tags FROM reviews ORDER BY tags"):
            yield from ((tag, "") for tag in tags.split())
    elif field == "reviewer":
        yield from _reviewers(asked)
    elif column := _COLUMNS.get(field):
        sql = f"SELECT {column}, count(*) FROM images GROUP BY 1 ORDER BY 1"
        yield from ((value, counted(number, "image")) for value, number in _rows(asked, sql))


def _rows(asked: Asked, sql: str, *values: str) -> list[Any]:
    from xray_tui.dataset.catalog.read_only import read

    return read(dataset_folder(asked) / CATALOG, sql, values)


_VALUES: dict[str, Callable[[Asked], Iterator[Word]]] = {
    "prompt": _prompts_or_jobs,
    "label": _labels,
    "job": _jobs,
    "reviewer": _reviewers,
    "model": _models,
    "session": _sessions,
    "query": _query,
}
KINDS = (*_VALUES, "text", "number", "folder", "file")
"""All kinds; texts and numbers have no values to offer."""
