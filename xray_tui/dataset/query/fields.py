"""The fields of a query: their values, and how values are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import get_args

from xray_tui.dataset.checks.examining import BLANK, CLIPPED, LOW_CONTRAST, UNREADABLE
from xray_tui.dataset.opinions import DECISIONS, MAX_RATING
from xray_tui.parameters import MAX_SEED, MAX_STEPS, SchedulerName

Value = str | int

NO_CHECK = "none"
CHECKS = (UNREADABLE, BLANK, LOW_CONTRAST, CLIPPED, NO_CHECK)
"""The problems that an examination can find, and ``none``."""
DISPUTED = "disputed"
"""A value of ``decision``: the decisions of several reviewers differ."""
SORTS = ("date", "label", "prompt", "seed", "rating", "decision", "check", "file")
ALIASES = {"is": "decision"}

_SLUG = re.compile(r"[a-z0-9_*-]+")
_SCHEDULER = re.compile(r"[a-z0-9+*-]+")
_JOB = re.compile(r"[a-z0-9-]+")
_TAG = re.compile(r"\*?[a-z0-9_-]+\*?|\*")
_NUMBER = re.compile(r"[0-9]{1,12}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Field:
    """A property of images that a query can use."""

    help: str
    """Its meaning in a few words."""
    allowed: str
    """An instruction for writing a value."""
    read: Callable[[str], Value | None]
    """Reads a value from a text; None if the text is not a value."""
    ordered: bool = False
    """Whether values can be compared by ``<`` and ``>``."""
    takes_list: bool = True
    """Whether commas separate alternative values."""
    choices: tuple[str, ...] = ()
    """All values, if there are few."""


def _choice(help: str, choices: tuple[str, ...]) -> Field:
    def read(text: str) -> str | None:
        return text.lower() if text.lower() in choices else None

    return Field(help, f"use {', '.join(choices)}", read, choices=choices)


def _number(help: str, highest: int, choices: tuple[str, ...] = ()) -> Field:
    def read(text: str) -> int | None:
        return int(text) if _NUMBER.fullmatch(text) and int(text) <= highest else None

    allowed = f"use a whole number from 0 to {highest}"
    return Field(help, allowed, read, ordered=True, choices=choices)


def _slug(
    help: str,
    pattern: re.Pattern[str] = _SLUG,
    allowed: str = "use a-z, 0-9, - and _, and * for any text",
    choices: tuple[str, ...] = (),
) -> Field:
    def read(text: str) -> str | None:
        return text.lower() if pattern.fullmatch(text.lower()) else None

    return Field(help, allowed, read, choices=choices)


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if _DAY.fullmatch(text) else None
    except ValueError:
        return None


FIELDS = {
    "label": _slug("label of the image"),
    "region": _slug("body part"),
    "prompt": _slug("id of the prompt"),
    "tag": _slug(
        "your tag", _TAG, "use a-z, 0-9, - and _, and * at the start or the end for any text"
    ),
    "decision": _choice("your decision; disputed: reviewers disagree", (*DECISIONS, DISPUTED)),
    "verdict": _choice("decision of the dataset", DECISIONS),
    "rating": _number("your rating", MAX_RATING, tuple(map(str, range(MAX_RATING + 1)))),
    "seed": _number("seed of the image", MAX_SEED),
    "job": _slug("job that asked for the image", _JOB, "use the id of a job, or its beginning"),
    "model": Field("model that generated the image", "use a name, and * for any text", str),
    "scheduler": _slug(
        "scheduler of the image",
        _SCHEDULER,
        "use a scheduler such as dpm++-2m, and * for any text",
        get_args(SchedulerName),
    ),
    "steps": _number("denoising steps of the image", MAX_STEPS),
    "date": Field("date generated (UTC)", "use a day such as 2026-11-24", _day, ordered=True),
    "check": _choice("problem found in the image", CHECKS),
    "reviewer": Field("reviewer who has decided", "use a name, and * for any text", str),
    "note": Field("words in your note", "use words that it contains", str, takes_list=False),
    "text": Field("words in text, id or file", "use words that it contains", str, takes_list=False),
}
"""The fields by name. A word without a field belongs to ``text``."""
