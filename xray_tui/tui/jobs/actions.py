"""The actions on jobs that the user can ask for, and the states of a job that allow them."""

from __future__ import annotations

from typing import Literal

from xray_tui.dataset.queue.states import PAUSABLE, RESUMABLE, STATES, WAITING, JobState

JobAction = Literal["toggle", "cancel", "retry", "edit", "duplicate", "move_up", "move_down"]
"""On one job; "cancel" removes a finished job from the list."""
QueueAction = Literal["clear", "cancel", "pause", "undo", "redo"]
"""On the whole queue."""

_POSSIBLE: dict[str, tuple[JobState, ...]] = {
    "toggle": (*PAUSABLE, *RESUMABLE),
    "retry": ("done", "failed"),
    "move_up": WAITING,
    "move_down": WAITING,
}


def is_possible(action: str, state: JobState) -> bool:
    """Whether a job in ``state`` allows ``action``."""
    return state in _POSSIBLE.get(action, STATES)
