"""What the user did with the queue in this session, so that ``z`` and ``Z`` can undo and redo it.

The steps are kept in memory. Each is undone through verbs of the engine, which change a job only if
it still is in the state that the step left it in: another process may have changed it meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import JobState
from xray_tui.generation.events import LogLevel
from xray_tui.generation.running.engine import Engine
from xray_tui.text import counted, step_text

Change = Callable[[], object]
"""Changes one job; the result is true if it did."""


@dataclass(frozen=True, eq=False)
class Step:
    """One action of the user, on one or more jobs."""

    title: str
    """Such as ``cancelled effusion · 4 images``."""
    undo: Sequence[Change]
    redo: Sequence[Change]
    has_finished: Callable[[], bool] = lambda: False
    """Whether its job has finished since, so that nothing can be changed any more."""


class QueueHistory:
    """The steps that can be undone and redone. Usable from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Note what the user just did; what was undone before cannot be redone then."""
        with self._lock:
            self._done.append(step)
            self._undone.clear()

    def undo(self, step: Step | None = None) -> tuple[LogLevel, str]:
        """Undo ``step``, or the last one; returns the message about it, with its level."""
        with self._lock:
            return self._move(self._done, self._undone, "undo", step)

    def redo(self, step: Step | None = None) -> tuple[LogLevel, str]:
        """Redo ``step``, or the one undone last; returns the message about it, with its level."""
        with self._lock:
            return self._move(self._undone, self._done, "redo", step)

    def is_done(self, step: Step) -> bool:
        """Whether ``step`` can be undone."""
        return step in self._done

    def is_undone(self, step: Step) -> bool:
        """Whether ``step`` can be redone."""
        return step in self._undone

    def _move(
        self, source: list[Step], target: list[Step], verb: str, wanted: Step | None
    ) -> tuple[LogLevel, str]:
        if not source or (wanted is not None and wanted not in source):
            return "info", f"{step_text('', undo=verb == 'undo')} in the queue"
        step = source.pop() if wanted is None else wanted
        if wanted is not None:
            source.remove(wanted)
        changes = step.undo if verb == "undo" else step.redo
        changed = sum(bool(change()) for change in changes)
        if not changed:
            why = (
                "The job has already finished"
                if step.has_finished()
                else "It has changed in the meantime"
            )
            return "warning", f"Cannot {verb}: {step.title}. {why}."
        target.append(step)
        done = step_text(step.title, undo=verb == "undo")
        if changed == len(changes):
            return "info", done
        rest = counted(len(changes) - changed, "job has", "jobs have")
        return "warning", f"{done}; {rest} changed in the meantime"


# ---- the steps -----------------------------------------------------------------------------------


def queued(engine: Engine, job_ids: Sequence[str], title: str) -> Step:
    """New jobs were queued together. Undone, they are cancelled and not listed any more."""

    def redo(job_id: str) -> bool:
        return engine.put_back(job_id) and engine.resume_job(job_id)

    return Step(
        f"queued {title}",
        [partial(engine.withdraw, job_id) for job_id in job_ids],
        [partial(redo, job_id) for job_id in job_ids],
        lambda: all(map(engine.has_finished, job_ids)),
    )


def cancelled(engine: Engine, rows: Sequence[JobRow], title: str) -> Step:
    """The jobs in ``rows``, as they were before, were cancelled."""
    return Step(
        f"cancelled {title}",
        [partial(engine.set_back, row.id, _waiting(row.state), ("cancelled",)) for row in rows],
        [partial(engine.cancel, row.id) for row in rows],
    )


def removed(engine: Engine, job_ids: Sequence[str], title: str) -> Step:
    """Finished jobs were removed from the list."""
    return Step(
        f"removed {title}",
        [partial(engine.put_back, job_id) for job_id in job_ids],
        [partial(engine.remove, job_id) for job_id in job_ids],
    )


def paused(engine: Engine, row: JobRow) -> Step:
    """The job in ``row`` was paused."""
    return Step(
        f"paused {row.title}",
        [partial(engine.set_back, row.id, "queued", ("paused",))],
        [partial(engine.pause_job, row.id)],
        partial(engine.has_finished, row.id),
    )


def resumed(engine: Engine, row: JobRow) -> Step:
    """The job in ``row`` was resumed; it was paused, interrupted or cancelled before."""
    return Step(
        f"resumed {row.title}",
        [partial(engine.set_back, row.id, row.state, ("queued", "running"))],
        [partial(engine.resume_job, row.id)],
        partial(engine.has_finished, row.id),
    )


def moved(engine: Engine, row: JobRow, places: int) -> Step:
    """The job in ``row`` was moved by ``places``."""
    return Step(
        f"moved {row.title}",
        [partial(engine.move, row.id, -places)],
        [partial(engine.move, row.id, places)],
        partial(engine.has_finished, row.id),
    )


def queue_paused(engine: Engine, is_paused: bool) -> Step:
    """The whole queue was paused, or resumed."""

    def change(to: bool) -> bool:
        if engine.paused == to:
            return False
        if to:
            engine.pause()
        else:
            engine.resume()
        return True

    title = "paused the queue" if is_paused else "resumed the queue"
    return Step(title, [partial(change, not is_paused)], [partial(change, is_paused)])


def _waiting(state: JobState) -> JobState:
    """The state that a job gets back: one that ran has to wait until the engine takes it again."""
    return "queued" if state == "running" else state
