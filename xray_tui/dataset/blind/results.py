"""The results of a session: for each reviewer, and the agreement between reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from xray_tui.dataset.blind.answers import Answers, is_complete, read_answers
from xray_tui.dataset.blind.session import ORIGINS, Session
from xray_tui.dataset.blind.statistics import Agreement, Confusion, agreement, confusion


@dataclass(frozen=True)
class ReviewerResults:
    """One reviewer's answers, compared with the truth."""

    reviewer: str
    complete: int
    """Number of completely answered items."""
    origins: Confusion
    """Real or synthetic."""
    labels: Confusion
    """For items whose true label is known."""


@dataclass(frozen=True)
class PairResults:
    """Agreement of two reviewers."""

    first: str
    second: str
    origins: Agreement
    labels: Agreement


@dataclass(frozen=True)
class Results:
    """The results of a session so far."""

    session: Session
    answers: Mapping[str, Answers]
    """By reviewer."""
    reviewers: tuple[ReviewerResults, ...]
    pairs: tuple[PairResults, ...]


def results_of(root: Path, session: Session) -> Results:
    """Evaluate the answers given so far.

    Raises:
        DatasetError: the answers cannot be read.
    """
    return evaluate(session, read_answers(root, session))


def evaluate(session: Session, answers: Mapping[str, Answers]) -> Results:
    """Evaluate ``answers``, by reviewer and item."""
    names = sorted(answers)
    return Results(
        session,
        answers,
        tuple(_of_reviewer(session, name, answers[name]) for name in names),
        tuple(
            PairResults(
                first,
                second,
                _origin_agreement(answers[first], answers[second]),
                _label_agreement(answers[first], answers[second]),
            )
            for first, second in combinations(names, 2)
        ),
    )


def _of_reviewer(session: Session, reviewer: str, answers: Answers) -> ReviewerResults:
    origins = [(session.items[n].origin, answer.origin) for n, answer in answers.items()]
    labels = [
        (session.items[n].label, answer.label)
        for n, answer in answers.items()
        if answer.label is not None and session.items[n].label
    ]
    used = sorted({label for pair in labels for label in pair if label})
    said = (*used, "") if any(not answer for _, answer in labels) else tuple(used)
    return ReviewerResults(
        reviewer,
        sum(is_complete(session, answer) for answer in answers.values()),
        confusion(origins, [name for name in ORIGINS if session.count(name)], ORIGINS),
        confusion(labels, used, said),
    )


def _origin_agreement(first: Answers, second: Answers) -> Agreement:
    return agreement([(first[n].origin, second[n].origin) for n in first.keys() & second.keys()])


def _label_agreement(first: Answers, second: Answers) -> Agreement:
    """For all items that both labelled, even if the truth is unknown; 'unsure' is an answer."""
    said = [(first[n].label, second[n].label) for n in first.keys() & second.keys()]
    return agreement([(a, b) for a, b in said if a is not None and b is not None])
