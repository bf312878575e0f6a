"""Observes the queue: turns changes by other processes, and by the user, into events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from xray_tui.commands import command
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.lock_holder import Holder
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import ENDED
from xray_tui.errors import DatasetError
from xray_tui.generation.events import (
    Emit,
    GeneratorElsewhere,
    ImageSaved,
    JobFinished,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    LogLine,
    QueuePaused,
    QueueReordered,
)
from xray_tui.generation.running.live_file import LiveFile
from xray_tui.keymap import key_of

INTERVAL = 1.0
"""Seconds between two looks at the queue."""
MOST_IMAGES = 200
"""Most images reported at one look; if more were saved meanwhile, only the newest are reported."""
_RESUMED = "Queue resumed"
QUEUE_PAUSED = "the queue is paused"
"""Why a running job is paused although nobody paused it."""


@dataclass
class _Known:
    state: str
    skipped: int
    """Images that existed when the job was first reported, or before it ran here."""


class QueueObserver:
    """Compares the queue with the events so far, and emits the difference.

    Usable from any thread: one lock guards it, and is held while events are emitted, so that they
    come in order. Only jobs for which ``includes`` is true are reported. Between :meth:`begin` and
    :meth:`end` a job runs in this process, and reports itself. A job that another process left
    interrupted is not reported if ``requeue`` has queued it again.
    """

    def __init__(
        self,
        dataset: Dataset,
        live: LiveFile,
        emit: Emit,
        includes: Callable[[str], bool],
        requeue: Callable[[str], bool],
    ) -> None:
        self._dataset = dataset
        self._live = live
        self._emit = emit
        self._includes = includes
        self._requeue = requeue
        self._known: dict[str, _Known] = {}
        self._order: tuple[str, ...] = ()
        self._paused: bool | None = None
        """None before the first look."""
        self._elsewhere = ""
        self._last_record: int | None = None
        self._looked = 0.0
        self._looking = False
        self._here: str | None = None
        self._lock = threading.RLock()

    def begin(self, job_id: str) -> None:
        """From now on ``job_id`` reports itself; earlier changes are reported first."""
        with self._lock:
            self.poll(now=True)
            self._here = job_id

    def end(
        self, job_id: str, ended: JobFinished | JobStateChanged | None, skipped: int = 0
    ) -> None:
        """Emit ``ended``, the last event of the job; None if the job did not run.

        ``skipped`` of its images existed before this process worked on it.
        """
        with self._lock:
            self._here = None
            if ended is None:
                return
            if job_id in self._known:
                self._known[job_id] = _Known(ended.state, skipped)
            with suppress(DatasetError):
                self._last_record = self._dataset.catalog.last_id()
            self._emit(ended)

    def poll(self, *, now: bool = False) -> None:
        """Emit the changes since the last look.

        Does nothing soon after the last look, unless ``now``.
        """
        with self._lock:
            moment = time.monotonic()
            if self._looking:  # a listener changed the queue: the next look reports it
                self._looked = -INTERVAL
                return
            if not now and moment - self._looked < INTERVAL:
                return
            self._looked, self._looking = moment, True
            try:
                self._look()
            except DatasetError:
                pass  # the next write will report the same problem
            finally:
                self._looking = False

    def _look(self) -> None:
        rows = [row for row in self._dataset.queue.rows() if self._includes(row.id)]
        for row in rows:
            if row.id not in self._known:
                self._emit_new(row)
        others = [row for row in rows if row.id != self._here]
        for row in others:
            if row.state not in ENDED:
                self._emit_state(row)
        alive = self._here is None and any(row.state in ("queued", "running") for row in rows)
        holder = self._dataset.lock_holder() if alive else None
        if self._here is None:
            self._emit_images()
        if holder is not None:  # a process that was killed leaves its last step behind
            self._emit_step()
        self._emit_holder(holder)
        for row in others:
            if row.state in ENDED:  # after its last images
                self._emit_end(row)
        self._emit_order([row.id for row in rows])
        self._emit_paused()

    def _emit_new(self, row: JobRow) -> None:
        skipped = 0 if row.state in ENDED else row.done
        self._known[row.id] = _Known("queued", skipped)
        self._emit(JobQueued(row.id, row.title, row.total, skipped))

    def _emit_state(self, row: JobRow) -> None:
        if not self._mark_reported(row):
            return
        if row.state == "running":
            self._emit(JobStarted(row.id, row.total - row.done))
        else:
            self._emit(JobStateChanged(row.id, row.state))

    def _emit_end(self, row: JobRow) -> None:
        if row.state == "interrupted" and self._requeue(row.id):
            return
        if not self._mark_reported(row):
            return
        skipped = self._known[row.id].skipped
        self._emit(
            JobFinished(
                job_id=row.id,
                state=row.state,
                made=row.done - skipped,
                skipped=skipped,
                failed=row.failed,
                seconds=row.seconds,
                message=row.message,
            )
        )

    def _mark_reported(self, row: JobRow) -> bool:
        """Note the state as reported; returns whether it has changed."""
        known = self._known[row.id]
        before, known.state = known.state, row.state
        return before != row.state

    def _emit_order(self, order: Sequence[str]) -> None:
        for gone in self._known.keys() - set(order):
            del self._known[gone]
            self._emit(JobForgotten(gone))
        known_before = [job_id for job_id in self._order if job_id in self._known]
        if known_before != list(order[: len(known_before)]):
            self._emit(QueueReordered(tuple(order)))
        self._order = tuple(order)

    def _emit_paused(self) -> None:
        paused = self._dataset.queue.paused
        if paused == bool(self._paused):
            self._paused = paused
            return
        since_the_start, self._paused = self._paused is None, paused
        self._emit(QueuePaused(paused))
        line = _RESUMED
        if paused:
            happened = (
                "The queue is paused, so its jobs wait" if since_the_start else "Queue paused"
            )
            resume = command("jobs", "resume", dataset=self._dataset.root)
            line = (
                f"{happened}. To resume it, press {key_of('pause_queue')} in the app, "
                f"or run: {resume}"
            )
        self._emit(LogLine("info", line))
        for job_id, known in list(self._known.items()):
            if job_id == self._here or known.state == "running":
                self._emit(
                    JobStateChanged(job_id, "paused", QUEUE_PAUSED)
                    if paused
                    else JobStateChanged(job_id, "running")
                )

    def _emit_holder(self, holder: Holder | None) -> None:
        """Report which other process holds the lock, while jobs depend on it."""
        process = "" if holder is None else holder.short
        if process != self._elsewhere:
            self._elsewhere = process
            self._emit(GeneratorElsewhere(process))

    def _emit_images(self) -> None:
        """Report images that another process saved since the last look."""
        newest = self._dataset.catalog.last_id()  # of images that were saved, not restored
        if self._last_record is None or newest <= self._last_record:
            self._last_record = newest
            return
        for record in reversed(self._dataset.catalog.records(limit=MOST_IMAGES)):
            if record.id > self._last_record:
                self._last_record = record.id
                if record.job_id in self._known:
                    self._emit(ImageSaved(record.job_id, record, record.provenance.seconds))

    def _emit_step(self) -> None:
        step = self._live.read()
        if step is not None and step.job_id in self._known:
            self._emit(step)
