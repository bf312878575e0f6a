"""The actions on jobs that the user can ask for, and the keys of those that a job allows."""

from __future__ import annotations

from typing import Literal

from textual.binding import BindingType

from xray_tui.dataset.queue.states import (
    CANCELLABLE,
    FINISHED,
    PAUSABLE,
    RESUMABLE,
    WAITING,
    JobState,
)
from xray_tui.tui.bindings import REFUSAL, bound

JobAction = Literal[
    "pause", "resume", "cancel", "remove", "retry", "edit", "duplicate", "move_up", "move_down"
]
"""On one job; "remove" takes a finished one from the list."""
QueueAction = Literal["clear", "cancel", "pause", "resume", "undo", "redo"]
"""On the whole queue."""

JOB_KEYS: list[BindingType] = [
    bound("toggle", "ask('pause')", "Pause job"),
    bound("toggle", "ask('resume')", "Resume job"),
    bound("remove", "ask('cancel')", "Cancel job", tooltip="keeps finished images"),
    bound("remove", "ask('remove')", "Remove job", tooltip="from the list; keeps the images"),
    bound("run_again", "ask('retry')", "Retry", tooltip="generate its failed images again"),
    bound("edit", "ask('edit')", "Edit job", tooltip="load it into the form"),
    bound("edit", "explain", "Edit job", show=False, group=REFUSAL),
    bound("duplicate", "ask('duplicate')", "Duplicate", tooltip="queue a copy with new seeds"),
]
"""Of two bindings of one key, the job allows one. ``explain`` says why a job is not edited."""

_STATES: dict[str, tuple[JobState, ...]] = {
    "pause": PAUSABLE,
    "resume": RESUMABLE,
    "cancel": CANCELLABLE,
    "remove": FINISHED,
    "move_up": WAITING,
    "move_down": WAITING,
}


def is_possible(action: str, state: JobState, *, done: int, failed: int) -> bool:
    """Whether a job in ``state`` allows ``action``; of its images, some are done or failed."""
    match action:
        case "edit":
            return state in WAITING and not done and not failed
        case "retry":
            return state == "failed" or (state == "done" and failed > 0)
    return action not in _STATES or state in _STATES[action]
