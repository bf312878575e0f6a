"""Undo and redo of changes in the parameter form."""

from __future__ import annotations

State = dict[str, str]
"""The texts of the changed fields, by name of the parameter."""

KEPT = 100
"""Steps that can be undone."""


class FormHistory:
    """The states of the form, before and after the one shown."""

    def __init__(self) -> None:
        self.now: State = {}
        """The state shown."""
        self._before: list[State] = []
        self._after: list[State] = []
        self._stepping = ""
        """The row that the last step changed, while further changes of it belong to this step."""

    def note(self, state: State, row: str = "") -> None:
        """Note the state after a change; several changes of ``row`` in a sequence are one step."""
        if state == self.now:
            return
        if not row or row != self._stepping:
            self._before = [*self._before, self.now][-KEPT:]
        self.now, self._after, self._stepping = state, [], row

    @property
    def idle(self) -> frozenset[str]:
        """``undo`` if there is nothing to undo, and ``redo`` if there is nothing to redo."""
        steps = {"undo": self._before, "redo": self._after}
        return frozenset(name for name, states in steps.items() if not states)

    def end_step(self) -> None:
        """The next change is a step of its own."""
        self._stepping = ""

    def undo(self) -> State | None:
        """The state before the last step; None if there is none."""
        return self._go(self._before, self._after)

    def redo(self) -> State | None:
        """The state after the step that was undone last; None if there is none."""
        return self._go(self._after, self._before)

    def _go(self, there: list[State], back: list[State]) -> State | None:
        self.end_step()
        if not there:
            return None
        back.append(self.now)
        self.now = there.pop()
        return self.now
