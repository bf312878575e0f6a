"""A step of the queue that was asked for in the review, and is undone there, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xray_tui.generation.events import LogLevel
from xray_tui.tui.workbench.queue.history import QueueHistory, Step
from xray_tui.tui.workbench.stage import Stage


@dataclass(frozen=True)
class ReviewStep:
    """``step`` of ``history``, as :class:`~xray_tui.tui.jobs.image_requests.QueueStep`."""

    stage: Stage
    history: QueueHistory
    step: Step

    def undo(self) -> None:
        """Undo the step."""
        self._do(self.history.undo)

    def redo(self) -> None:
        """Redo the step."""
        self._do(self.history.redo)

    @property
    def is_done(self) -> bool:
        """Whether the step can be undone."""
        return self.history.is_done(self.step)

    @property
    def is_undone(self) -> bool:
        """Whether the step can be redone."""
        return self.history.is_undone(self.step)

    def _do(self, change: Callable[[Step], tuple[LogLevel, str]]) -> None:
        def work() -> None:
            self.stage.from_thread(self.stage.announce, *change(self.step))

        self.stage.in_thread(work, "queue")
