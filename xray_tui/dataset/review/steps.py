"""The steps that a reviewer takes: what each changed, and how it is reversed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from xray_tui.dataset.opinions import Opinion
from xray_tui.text import counted

_Value = TypeVar("_Value")


class Given(NamedTuple):
    """When the parts of an opinion were given; empty for a part that the opinion lacks."""

    decision: str = ""
    """Of an undecided reviewer: when the opinion as a whole was given."""
    rating: str = ""

    def stored(self, opinion: Opinion, when: str) -> Given:
        """These times after ``opinion`` was stored at ``when``."""
        decided = "" if opinion == Opinion() else self.decision or when
        return Given(decided, (self.rating or when) if opinion.rating else "")


NEVER = Given()


@dataclass(frozen=True)
class Change:
    """A change of a reviewer's opinion of one record."""

    record_id: int
    before: Opinion
    after: Opinion
    given_before: Given = NEVER
    """When ``before`` was given; :data:`NEVER` in steps of earlier versions."""
    given_after: Given = NEVER
    """When ``after`` was given; a time that is empty is when it is stored."""

    @classmethod
    def of(cls, record_id: int, before: Opinion, given: Given, after: Opinion) -> Change:
        """The change of ``before``, given at ``given``, to ``after``, which is given now.

        A decision or a rating that stays keeps its time: a later note or tag does not make it the
        latest of all reviewers' decisions or ratings.
        """
        decided = after.decision == before.decision != "undecided"
        rated = after.rating == before.rating
        kept = Given(given.decision if decided else "", given.rating if rated else "")
        return cls(record_id, before, after, given, kept)

    def applied_to(self, now: Opinion, given: Given) -> Change:
        """The change of ``now`` that this change makes, except in what was changed since.

        ``given`` is when ``now`` was given. The opinion gets the times of ``after`` back, or keeps
        those in ``given`` that are not the times of ``before``: it was given again since.
        """
        before, after = self.before, self.after
        gone, new = {*before.tags} - {*after.tags}, {*after.tags} - {*before.tags}
        opinion = Opinion(
            _changed(now.decision, before.decision, after.decision),
            _changed(now.rating, before.rating, after.rating),
            tuple(sorted({*now.tags} - gone | new)),
            _changed(now.note, before.note, after.note),
        )
        times = zip(given, self.given_before, self.given_after, strict=True)
        return Change(
            self.record_id, now, opinion, given, Given(*(_changed(*one) for one in times))
        )

    def with_tag(self, tag: str, has: bool) -> Change:
        """This change, in which ``after`` also has ``tag``, or lacks it."""
        after = self.after.with_tag(tag, has)
        if after == self.after:
            return self
        return Change.of(self.record_id, self.before, self.given_before, after)

    def reversed(self) -> Change:
        """The change that undoes this one."""
        return Change(self.record_id, self.after, self.before, self.given_after, self.given_before)

    def stored(self, when: str) -> Change:
        """This change after ``after`` was stored at ``when``."""
        return replace(self, given_after=self.given_after.stored(self.after, when))


@dataclass(frozen=True)
class Move:
    """A move of one record from a label to another."""

    record_id: int
    before: str
    after: str


@dataclass(frozen=True)
class Purged:
    """Records that were moved to the trash together."""

    purge: str
    """The id of the purge."""
    record_ids: tuple[int, ...]
    restored: bool = False
    """Whether the step moved them back."""


@dataclass(frozen=True)
class Step:
    """The result of one action of a reviewer, such as pressing a key."""

    title: str
    """In the past tense: ``rejected 3 images``. Earlier versions wrote ``rejected: 3 images``."""
    changes: tuple[Change, ...] = ()
    moves: tuple[Move, ...] = ()
    purged: Purged | None = None

    @property
    def records(self) -> tuple[int, ...]:
        """The ids of the changed records."""
        changed = (change.record_id for change in self.changes)
        purged = self.purged.record_ids if self.purged else ()
        return (*changed, *(move.record_id for move in self.moves), *purged)

    @property
    def decides(self) -> bool:
        """Whether it changed decisions."""
        return any(one.before.decision != one.after.decision for one in self.changes)

    def reversed(self) -> Step:
        """The step that undoes this step."""
        return replace(
            self,
            changes=tuple(change.reversed() for change in self.changes),
            moves=tuple(Move(m.record_id, m.after, m.before) for m in self.moves),
            purged=self.purged and replace(self.purged, restored=not self.purged.restored),
        )


def with_reasons(step: Step, changes: Sequence[Change]) -> Step | None:
    """``step``, which rejected images, together with ``changes`` of the tags of these images.

    None if ``step`` did anything else, or rejected images that are not among ``changes``.
    """
    rejections = {change.record_id: change for change in step.changes}
    tagged = {change.record_id for change in changes}
    if step.moves or not rejections or not rejections.keys() <= tagged:
        return None
    if {change.after.decision for change in step.changes} != {"rejected"}:
        return None
    if all(change.before.decision == "rejected" for change in step.changes):
        return None
    merged = tuple(
        replace(change, before=before.before, given_before=before.given_before)
        for change in changes
        for before in (rejections.get(change.record_id, change),)
    )
    reasons = sorted(
        set.intersection(*({*change.after.tags} - {*change.before.tags} for change in merged))
    )
    why = f" as {', '.join(reasons)}" if reasons else ""
    return Step(f"rejected {counted(len(merged), 'image')}{why}", merged)


def _changed(now: _Value, before: _Value, after: _Value) -> _Value:
    return after if now == before else now
