"""Follows a user's first steps on an empty dataset, up to the first accepted image."""

from __future__ import annotations

from collections.abc import Callable

from textual.timer import Timer

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.workbench.hints.line import Facts, HintLine, hint_for
from xray_tui.tui.workbench.stage import Stage

_SECONDS = 0.25


class HintController:
    """Shows hints until an image is accepted; ``memory`` then notes that the user knows them.

    A dataset that has images gets them only if it had none when the app first opened it.

    ``line`` returns the widget. ``totals`` returns the numbers of images and of accepted ones, or
    None while they are not known.
    """

    def __init__(
        self,
        stage: Stage,
        memory: Memory,
        line: Callable[[], HintLine],
        totals: Callable[[], Counts | None],
    ) -> None:
        self._stage = stage
        self._memory = memory
        self._line = line
        self._totals = totals
        self._timer: Timer | None = None

    def open(self) -> None:
        """Begin, unless the user has done it before."""
        if not self._memory.user.hints_done:
            self._timer = self._stage.every(_SECONDS, self._follow)

    def _follow(self) -> None:
        totals = self._totals()
        if totals is None:
            return
        if not totals.images and not self._memory.session.hints:
            self._memory.remember(hints=True)
        begun = self._memory.session.hints
        if totals.accepted and begun:
            self._memory.remember_for_user(hints_done=True)
        if totals.accepted or not begun:
            self._line().show("")
            if self._timer is not None:
                self._timer.stop()
            return
        marks = len(self._stage.prompts.remembered.marks)
        facts = Facts(marks, jobs=bool(self._stage.queue.progress.jobs), images=totals.images)
        self._line().show(hint_for(facts))
