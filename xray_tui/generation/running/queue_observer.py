"""Follows the queue: tells what other processes, or people elsewhere, did to it, as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import ENDED
from xray_tui.errors import DatasetError
from xray_tui.generation.events import (
    Event,
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

INTERVAL = 1.0
"""Seconds between two looks."""
_PAUSED = "the queue is paused; P in the queue pane, or xray-tui jobs resume, lets it go on"
MOST_IMAGES = 200
"""Images told of at one look; who falls further behind sees the newest."""


@dataclass
class _Known:
    state: str
    skipped: int
    """Images that were there when the job was first told of."""


class QueueObserver:
    """Compares the queue with what was told of it. Usable from any thread.

    It tells of the jobs that ``minds`` says yes to. Of the job between :meth:`begin` and
    :meth:`end` this process tells itself. Of a job that another process left interrupted nothing
    is told where ``takes_back`` queued it again.
    """

    def __init__(
        self,
        dataset: Dataset,
        live: LiveFile,
        emit: Callable[[Event], None],
        minds: Callable[[str], bool],
        takes_back: Callable[[str], bool],
    ) -> None:
        self._dataset = dataset
        self._live = live
        self._emit = emit
        self._minds = minds
        self._takes_back = takes_back
        self._known: dict[str, _Known] = {}
        self._order: tuple[str, ...] = ()
        self._paused = False
        self._last_record: int | None = None
        self._looked = 0.0
        self._looking = False
        self._here: str | None = None
        self._lock = threading.RLock()

    def begin(self, job_id: str) -> None:
        """From now on this process tells of ``job_id`` itself; what came before is told first."""
        with self._lock:
            self.poll(now=True)
            self._here = job_id

    def end(self, job_id: str, ended: JobFinished | JobStateChanged | None) -> None:
        """All of the job is told, but for how it ``ended``; None if it was not run after all."""
        with self._lock:
            self._here = None
            if ended is None:
                return
            if job_id in self._known:
                self._known[job_id].state = ended.state
            with suppress(DatasetError):
                self._last_record = self._newest_record()
            self._emit(ended)

    def poll(self, *, now: bool = False) -> None:
        """Tell what changed since the last look.

        Unless ``now``, a look that comes soon after the last one is left out.
        """
        with self._lock:
            moment = time.monotonic()
            if self._looking:  # whoever is being told changed something: the next look tells it
                self._looked = -INTERVAL
                return
            if not now and moment - self._looked < INTERVAL:
                return
            self._looked, self._looking = moment, True
            try:
                self._look()
            except DatasetError:
                pass  # whoever writes next meets the same trouble, and says so
            finally:
                self._looking = False

    def _look(self) -> None:
        rows = [row for row in self._dataset.queue.rows() if self._minds(row.id)]
        for row in rows:
            if row.id not in self._known:
                self._tell_new(row)
        others = [row for row in rows if row.id != self._here]
        for row in others:
            if row.state not in ENDED:
                self._tell_state(row)
        if self._here is None:
            self._tell_images()
            self._tell_step()
        for row in others:
            if row.state in ENDED:  # after its last images
                self._tell_end(row)
        self._tell_order([row.id for row in rows])
        self._tell_paused()

    def _tell_new(self, row: JobRow) -> None:
        skipped = 0 if row.state in ENDED else row.done
        self._known[row.id] = _Known("queued", skipped)
        self._emit(JobQueued(row.id, row.title, row.total, skipped))

    def _tell_state(self, row: JobRow) -> None:
        if not self._is_news(row):
            return
        if row.state == "running":
            self._emit(JobStarted(row.id, row.total - row.done))
        else:
            self._emit(JobStateChanged(row.id, row.state))

    def _tell_end(self, row: JobRow) -> None:
        if row.state == "interrupted" and self._takes_back(row.id):
            return
        if not self._is_news(row):
            return
        skipped = self._known[row.id].skipped
        self._emit(
            JobFinished(
                row.id,
                row.state,
                row.done - skipped,
                skipped,
                row.failed,
                row.seconds,
                row.message,
            )
        )

    def _is_news(self, row: JobRow) -> bool:
        known = self._known[row.id]
        before, known.state = known.state, row.state
        return before != row.state

    def _tell_order(self, order: Sequence[str]) -> None:
        for gone in self._known.keys() - set(order):
            del self._known[gone]
            self._emit(JobForgotten(gone))
        known_before = [job_id for job_id in self._order if job_id in self._known]
        if known_before != list(order[: len(known_before)]):
            self._emit(QueueReordered(tuple(order)))
        self._order = tuple(order)

    def _tell_paused(self) -> None:
        paused = self._dataset.queue.paused
        if paused == self._paused:
            return
        self._paused = paused
        self._emit(QueuePaused(paused))
        self._emit(LogLine("info", _PAUSED if paused else "the queue goes on"))
        for job_id, known in list(self._known.items()):
            if job_id == self._here or known.state == "running":
                self._emit(JobStateChanged(job_id, "paused" if paused else "running"))

    def _tell_images(self) -> None:
        """Tell of images that another process saved since the last look."""
        newest = self._newest_record()
        if self._last_record is None or newest <= self._last_record:
            self._last_record = newest
            return
        for record in reversed(self._dataset.catalog.records(limit=MOST_IMAGES)):
            if record.id > self._last_record:
                self._last_record = record.id
                if record.job_id in self._known:
                    self._emit(ImageSaved(record.job_id, record, record.provenance.seconds))

    def _tell_step(self) -> None:
        step = self._live.read()
        if step is not None and step.job_id in self._known:
            self._emit(step)

    def _newest_record(self) -> int:
        newest = self._dataset.catalog.records(limit=1)
        return newest[0].id if newest else 0
