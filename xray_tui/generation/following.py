"""Follows the queue: tells what other processes, or people elsewhere, did to it, as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.job_rows import JobRow
from xray_tui.errors import DatasetError
from xray_tui.generation.events import (
    ENDED,
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
from xray_tui.generation.live_file import LiveFile
from xray_tui.tasks import JobState

INTERVAL = 1.0
"""Seconds between two looks."""
MOST_IMAGES = 200
"""Images told of at one look; who falls further behind sees the newest."""


@dataclass
class _Known:
    state: str
    skipped: int
    """Images that were there when the job was first told of."""


class Follower:
    """Compares the queue with what was told of it. Usable from any thread.

    It tells of the jobs that ``minds`` says yes to.
    """

    def __init__(
        self,
        dataset: Dataset,
        live: LiveFile,
        tell: Callable[[Event], None],
        minds: Callable[[JobRow], bool],
    ) -> None:
        self._dataset = dataset
        self._live = live
        self._tell = tell
        self._minds = minds
        self._known: dict[str, _Known] = {}
        self._order: tuple[str, ...] = ()
        self._paused = False
        self._last_record: int | None = None
        self._looked = 0.0
        self._lock = threading.Lock()

    def note(self, job_id: str, state: JobState) -> None:
        """This process has told by itself of the job's images, and that it stands at ``state``."""
        with self._lock:
            if job_id in self._known:
                self._known[job_id].state = state
            with suppress(DatasetError):
                self._last_record = self._newest_record()

    def poll(self, running_here: str | None, *, now: bool = False) -> None:
        """Tell what changed since the last look; ``running_here`` tells its own news.

        Unless ``now``, a look that comes soon after the last one is left out.
        """
        moment = time.monotonic()
        with self._lock:
            if not now and moment - self._looked < INTERVAL:
                return
            self._looked = moment
            try:
                self._look(running_here)
            except DatasetError:
                return  # whoever writes next meets the same trouble, and says so

    def _look(self, running_here: str | None) -> None:
        rows = [row for row in self._dataset.queue.rows() if self._minds(row)]
        for row in rows:
            if row.id not in self._known:
                self._tell_new(row)
            if row.id != running_here:
                self._tell_changed(row)
        self._tell_order(tuple(row.id for row in rows))
        self._tell_paused(running_here)
        if running_here is None:
            self._tell_images()
            step = self._live.read()
            if step is not None:
                self._tell(step)

    def _tell_new(self, row: JobRow) -> None:
        skipped = 0 if row.state in ENDED else row.done
        self._known[row.id] = _Known("queued", skipped)
        self._tell(JobQueued(row.id, row.title, row.total, skipped))

    def _tell_changed(self, row: JobRow) -> None:
        known = self._known[row.id]
        if row.state == known.state:
            return
        known.state = row.state
        if row.state == "running":
            self._tell(JobStarted(row.id, row.total - row.done))
        elif row.state in ENDED:
            made = row.done - known.skipped
            self._tell(
                JobFinished(
                    row.id, row.state, made, known.skipped, row.failed, row.seconds, row.message
                )
            )
        else:
            self._tell(JobStateChanged(row.id, row.state))

    def _tell_order(self, order: tuple[str, ...]) -> None:
        for gone in self._known.keys() - set(order):
            del self._known[gone]
            self._tell(JobForgotten(gone))
        known_before = tuple(job_id for job_id in self._order if job_id in self._known)
        if known_before != order[: len(known_before)]:
            self._tell(QueueReordered(order))
        self._order = order

    def _tell_paused(self, running_here: str | None) -> None:
        paused = self._dataset.queue.paused
        if paused == self._paused:
            return
        self._paused = paused
        self._tell(QueuePaused(paused))
        self._tell(LogLine("info", "the queue is paused" if paused else "the queue goes on"))
        for job_id, known in self._known.items():
            if job_id == running_here or known.state == "running":
                self._tell(JobStateChanged(job_id, "paused" if paused else "running"))

    def _tell_images(self) -> None:
        """Tell of images that another process saved since the last look."""
        if self._last_record is None:
            self._last_record = self._newest_record()
            return
        for record in reversed(self._dataset.catalog.records(limit=MOST_IMAGES)):
            if record.id > self._last_record:
                self._last_record = record.id
                if record.job_id in self._known:
                    self._tell(ImageSaved(record.job_id, record, record.provenance.seconds))

    def _newest_record(self) -> int:
        newest = self._dataset.catalog.records(limit=1)
        return newest[0].id if newest else 0
