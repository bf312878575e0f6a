"""A model of the review: the opinions that keys should produce, to compare with the stored ones."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.query.parsing import Query
from xray_tui.names import REASONS

Opinions = dict[int, Opinion]
"""By record id, without images that have no opinion."""
_DECIDE = {"p": "accepted", "x": "rejected"}


class Reviewer:
    """A reviewer in a gallery of records 1, 2, …, with auto-advance on."""

    def __init__(self) -> None:
        self.place = 1
        self.opinions: Opinions = {}
        self._done: list[tuple[int, Opinion, Opinion]] = []
        self._undone: list[tuple[int, Opinion, Opinion]] = []
        self._rejected: int | None = None
        """The image that a digit gives a reason for: that of the last key other than a digit."""

    def press(self, key: str) -> None:
        """Press ``p``, ``x``, a digit, ``z`` or ``Z``; the last two move to the changed image."""
        if not key.isdigit():
            self._rejected = self.place if key == "x" else None
        if key.isdigit() and self._rejected is not None:
            if 1 <= int(key) <= len(REASONS):
                self._give_reason(self._rejected, REASONS[int(key) - 1])
        elif key in _DECIDE:
            self._change(decision=_DECIDE[key])
            self.place += 1
        elif key == "z" and self._done:
            self._undone.append(self._done.pop())
            self.place, before, _ = self._undone[-1]
            self._set(before)
        elif key == "Z" and self._undone:
            self._done.append(self._undone.pop())
            self.place, _, after = self._done[-1]
            self._set(after)
        elif key.isdigit():
            self._change(rating=int(key))

    def _change(self, **fields: object) -> None:
        before = self.opinions.get(self.place, Opinion())
        after = replace(before, **fields)  # type: ignore[arg-type]
        if after != before:
            self._done.append((self.place, before, after))
            self._undone.clear()
            self._set(after)

    def _give_reason(self, place: int, reason: str) -> None:
        before = self.opinions.get(place, Opinion())
        after = before.with_tag(reason, reason not in before.tags)
        self._set(after, place)
        if self._done and self._done[-1][0] == place and self._is_rejection(self._done[-1]):
            self._done[-1] = (place, self._done[-1][1], after)
        else:
            self._done.append((place, before, after))
        self._undone.clear()

    def _is_rejection(self, step: tuple[int, Opinion, Opinion]) -> bool:
        return step[1].decision != "rejected" == step[2].decision

    def _set(self, opinion: Opinion, place: int | None = None) -> None:
        opinions = {**self.opinions, place or self.place: opinion}
        self.opinions = {n: opinion for n, opinion in opinions.items() if opinion != Opinion()}


def random_keys(draw: random.Random, groups: int) -> str:
    """Keys for ``groups`` images: decisions, with ratings, reasons, undo and redo among them."""
    digit = draw.choice("12345")
    decided = ("p", "x", f"{digit}p", "pzx", f"x{digit}")
    return "".join(
        draw.choice(decided) + draw.choice(("", "", "z", "zz", "zZ")) for _ in range(groups)
    )


def stored_opinions(root: Path, reviewer: str) -> Opinions:
    """The opinions stored in the dataset, which is reopened; asserts that reviews.jsonl agrees."""
    dataset = Dataset(root)
    try:
        desk = dataset.desk(reviewer)
        rows = desk.index.rows(desk.index.find(Query()))
        tasks = {record.task.id: record.id for record in dataset.catalog.records()}
    finally:
        dataset.close()
    lines, bad = review_log.read_all(root / layout.REVIEWS)
    assert not bad
    logged = {tasks[task]: reviews[reviewer].opinion for task, reviews in lines.items()}
    opinions = {row.record_id: row.opinion for row in rows if row.opinion != Opinion()}
    assert opinions == {number: found for number, found in logged.items() if found != Opinion()}
    return opinions
