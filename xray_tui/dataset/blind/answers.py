"""The reviewers' answers: one file per reviewer, one line per answer.

One line: ``{"item": 3, "origin": "real", "label": "normal", "reviewer": …, "answered": …}``. For
each item the last line counts. ``label`` is null until one is chosen, and "" for unsure.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.blind.session import ORIGINS, Origin, Session, folder_of
from xray_tui.dataset.files.atomic import append_line, explained

UNSURE = ""
"""The label chosen by a reviewer who is unsure."""
UNSURE_NAME = "unsure"
"""How that label is shown."""

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True)
class BlindAnswer:
    """A reviewer's answer for one image."""

    origin: Origin
    label: str | None = None
    """None until one is chosen."""


Answers = Mapping[int, BlindAnswer]
"""By the item's index in the session, from 0."""


class Reading:
    """One reviewer's progress through a session; answers are on disk when :meth:`store` returns.

    Raises:
        DatasetError: the answers cannot be read.
    """

    def __init__(self, root: Path, session: Session, reviewer: str) -> None:
        self.root = root
        self.session = session
        self.reviewer = reviewer
        self._path = folder_of(root, session.name) / file_name(reviewer)
        self._answers = read_answers(root, session).get(reviewer, {})

    def answer(self, item: int) -> BlindAnswer | None:
        """The answer for an item, or None."""
        return self._answers.get(item)

    def store(self, item: int, answer: BlindAnswer) -> None:
        """Store the answer for an item, replacing an earlier one.

        Raises:
            DatasetError: the answer could not be written, and does not count.
        """
        if self._answers.get(item) == answer:
            return
        line = {
            "item": item,
            "origin": answer.origin,
            "label": answer.label,
            "reviewer": self.reviewer,
            "answered": datetime.now(UTC).isoformat("T", "milliseconds"),
        }
        append_line(self._path, json.dumps(line))
        self._answers[item] = answer

    @property
    def open_items(self) -> list[int]:
        """Items without a complete answer, in reading order."""
        items = range(len(self.session.items))
        return [n for n in items if not is_complete(self.session, self._answers.get(n))]


def is_complete(session: Session, answer: BlindAnswer | None) -> bool:
    """Whether the answer has all parts that the session asks for."""
    return answer is not None and (answer.label is not None or not session.asks_label)


def read_answers(root: Path, session: Session) -> dict[str, dict[int, BlindAnswer]]:
    """The last answers of every reviewer, by reviewer and item.

    Invalid lines, such as one cut off by a crash, are ignored.

    Raises:
        DatasetError: a file cannot be read.
    """
    answers: dict[str, dict[int, BlindAnswer]] = {}
    folder = folder_of(root, session.name)
    with explained(folder):
        for path in sorted(folder.glob("answers-*.jsonl")):
            for line in path.read_bytes().splitlines():
                parsed = _parse(line, session)
                if parsed is not None:
                    reviewer, item, answer = parsed
                    answers.setdefault(reviewer, {})[item] = answer
    return answers


def file_name(reviewer: str) -> str:
    """A safe file name for the answers of a reviewer with any name."""
    if _PLAIN.fullmatch(reviewer):
        return f"answers-{reviewer}.jsonl"
    plain = re.sub(r"[^a-z0-9]+", "-", reviewer.casefold()).strip("-")[:40] or "reviewer"
    digest = hashlib.sha256(reviewer.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"answers-{plain}-{digest}.jsonl"


def _parse(line: bytes, session: Session) -> tuple[str, int, BlindAnswer] | None:
    try:
        content = json.loads(line)
        reviewer, item = content["reviewer"], content["item"]
        origin, label = content["origin"], content["label"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    if not isinstance(reviewer, str) or type(item) is not int or origin not in ORIGINS:
        return None
    known_label = label is None or label == UNSURE or label in session.labels
    if not known_label or not 0 <= item < len(session.items):
        return None
    return reviewer, item, BlindAnswer(origin, label)
