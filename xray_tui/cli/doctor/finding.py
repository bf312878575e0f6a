"""What a check finds: a fact that is in order, an advice, or a problem; each with its cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xray_tui.errors import XrayTuiError
from xray_tui.text import clean

Level = Literal["ok", "advice", "problem"]


@dataclass(frozen=True)
class Finding:
    """One fact about this machine, safe to show in a terminal."""

    level: Level
    """``advice``: it works, but could work better. ``problem``: something does not work."""
    what: str
    where: str = ""
    """The file, folder, package or variable that it is about."""
    cure: str = ""
    """What to do; empty if nothing needs to be done."""

    def __post_init__(self) -> None:
        for name in ("what", "where", "cure"):
            object.__setattr__(self, name, clean(getattr(self, name)))


def ok(what: str, where: object = "") -> Finding:
    """A fact that is in order."""
    return Finding("ok", what, str(where))


def advice(what: str, cure: str, where: object = "") -> Finding:
    """Something that works, but would work better after ``cure``."""
    return Finding("advice", what, str(where), cure)


def problem(what: str, cure: str, where: object = "") -> Finding:
    """Something that does not work before ``cure``."""
    return Finding("problem", what, str(where), cure)


def from_error(error: XrayTuiError, cure: str, where: object = "") -> Finding:
    """The problem that ``error`` reports.

    Its message usually says what to do after a semicolon; ``cure`` is used if it does not.
    """
    what, _, own_cure = str(error).partition("; ")
    return problem(what.removeprefix(f"{where}: "), own_cure or cure, where)
