"""Edits of the targets that can be undone as long as the review is open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from xray_tui.dataset.review.targets import Label, Targets
from xray_tui.text import counted


@dataclass(frozen=True)
class _Edit:
    before: dict[Label, int | None]
    after: dict[Label, int | None]

    @property
    def title(self) -> str:
        """What the edit did: ``target of 200 for 4 labels``."""
        (wanted,) = set(self.after.values())
        target = "no target" if wanted is None else f"target of {wanted:,}"
        return f"{target} for {counted(len(self.after), 'label')}"


class TargetEdits:
    """Sets and undoes ``targets``. Every method raises the errors of :class:`Targets`."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._done: list[_Edit] = []
        self._undone: list[_Edit] = []

    def read(self) -> dict[Label, int]:
        """The number of accepted images wanted, by label."""
        return self._targets.read()

    def set(self, labels: Collection[Label], wanted: int | None) -> None:
        """Set the same target for all these labels, as one step; None removes their targets."""
        now = self._targets.read()
        before = {label: now.get(label) for label in labels if now.get(label) != wanted}
        if before:
            after: dict[Label, int | None] = dict.fromkeys(before, wanted)
            self._targets.set(after)
            self._done.append(_Edit(before, after))
            self._undone.clear()

    @property
    def idle(self) -> frozenset[str]:
        """``undo`` if there is nothing to undo, and ``redo`` if there is nothing to redo."""
        steps = {"undo": self._done, "redo": self._undone}
        return frozenset(name for name, edits in steps.items() if not edits)

    def undo(self) -> str:
        """Undo the last step, except for targets that were changed since, for example in the file.

        Returns what was undone; empty if there is nothing to undo.
        """
        if not self._done:
            return ""
        edit = self._done[-1]
        self._change(edit.after, edit.before)
        self._undone.append(self._done.pop())
        return edit.title

    def redo(self) -> str:
        """Redo the step that was undone last; as :meth:`undo`."""
        if not self._undone:
            return ""
        edit = self._undone[-1]
        self._change(edit.before, edit.after)
        self._done.append(self._undone.pop())
        return edit.title

    def _change(self, expected: dict[Label, int | None], new: dict[Label, int | None]) -> None:
        now = self._targets.read()
        self._targets.set(
            {label: new[label] for label, was in expected.items() if now.get(label) == was}
        )
