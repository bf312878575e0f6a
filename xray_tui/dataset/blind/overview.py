"""Summaries of the sessions of a dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.blind.answers import is_complete, read_answers
from xray_tui.dataset.blind.session import Session, open_session, session_names
from xray_tui.errors import DatasetError


@dataclass(frozen=True)
class Overview:
    """One session, and the progress of each reviewer."""

    name: str
    session: Session | None
    """None if it cannot be read; see ``problem``."""
    complete: Mapping[str, int]
    """Number of completely answered items, by reviewer."""
    problem: str = ""


def overviews(root: Path) -> list[Overview]:
    """All sessions of the dataset in ``root``, by name.

    Raises:
        DatasetError: the folder of the sessions cannot be read.
    """
    return [_overview(root, name) for name in session_names(root)]


def _overview(root: Path, name: str) -> Overview:
    try:
        session = open_session(root, name)
        answers = read_answers(root, session)
    except DatasetError as error:
        return Overview(name, None, {}, str(error))
    complete = {
        reviewer: sum(is_complete(session, answer) for answer in given.values())
        for reviewer, given in answers.items()
    }
    return Overview(name, session, complete)
