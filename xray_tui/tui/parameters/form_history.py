"""Undo and redo of changes in the parameter form."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

State = dict[str, str]
"""The texts of the changed fields, by name of the parameter."""

KEPT = 100
"""Steps that can be undone."""


class Along(NamedTuple):
    """What a step also changed outside the form."""

    undo: Callable[[], object] = lambda: None
    redo: Callable[[], object] = lambda: None


class _Step(NamedTuple):
    state: State
    """The state on the other side of the step."""
    along: Along = Along()


class FormHistory:
    """The states of the form, before and after the one shown."""

    def __init__(self) -> None:
        self.now: State = {}
        """The state shown."""
        self._before: list[_Step] = []
        self._after: list[_Step] = []
        self._stepping = ""
        """The row that the last step changed, while further changes of it belong to this step."""
        self._begun = False
        """Whether the next change belongs to the last step."""

    def note(self, state: State, row: str = "") -> None:
        """Note the state after a change; several changes of ``row`` in a sequence are one step."""
        if state == self.now:
            return
        if not self._begun and (not row or row != self._stepping):
            self._push(Along())
        self.now, self._after, self._stepping = state, [], row

    def begin(self, along: Along) -> None:
        """Begin a step that the changes until its end belong to, and ``along`` in any case."""
        self._push(along)
        self._after, self._begun = [], True

    def _push(self, along: Along) -> None:
        self._before = [*self._before, _Step(self.now, along)][-KEPT:]

    @property
    def idle(self) -> frozenset[str]:
        """``undo`` if there is nothing to undo, and ``redo`` if there is nothing to redo."""
        steps = {"undo": self._before, "redo": self._after}
        return frozenset(name for name, states in steps.items() if not states)

    def end_step(self) -> None:
        """The next change is a step of its own."""
        self._stepping, self._begun = "", False

    def undo(self) -> State | None:
        """The state before the last step; None if there is none."""
        if (step := self._go(self._before, self._after)) is None:
            return None
        step.along.undo()
        return step.state

    def redo(self) -> State | None:
        """The state after the step that was undone last; None if there is none."""
        if (step := self._go(self._after, self._before)) is None:
            return None
        step.along.redo()
        return step.state

    def _go(self, there: list[_Step], back: list[_Step]) -> _Step | None:
        self.end_step()
        if not there:
            return None
        step = there.pop()
        back.append(_Step(self.now, step.along))
        self.now = step.state
        return step
