"""Which jobs of the queue concern this process, and which of them it has run."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence

from xray_tui.dataset.queue.states import JobState


class JobScope:
    """The jobs that one engine handles. Any thread may use it; a lock guards all fields.

    ``excluded`` maps the ids of jobs that the engine ignores to their states at the beginning.
    Such a job is included when this process requests it, or when it is resumed by any process.
    """

    def __init__(self, excluded: Mapping[str, JobState]) -> None:
        self._lock = threading.Lock()
        self._excluded = dict(excluded)
        self._requested: set[str] = set()
        self._run_here: set[str] = set()
        self._held: set[str] = set()

    # ---- queries: they change nothing ------------------------------------------------------------

    def includes(self, job_id: str) -> bool:
        """Whether this process runs the job, or shows it while another process runs it."""
        with self._lock:
            return job_id in self._requested or job_id not in self._excluded

    def concerns(self, job_id: str) -> bool:
        """Whether this process requested the job, or has begun to run it."""
        with self._lock:
            return job_id in self._requested or job_id in self._run_here

    def any_requested(self, job_ids: Iterable[str]) -> bool:
        """Whether this process requested one of ``job_ids``."""
        with self._lock:
            return not self._requested.isdisjoint(job_ids)

    @property
    def leaves_jobs(self) -> bool:
        """Whether jobs that were queued at the beginning are left to other processes."""
        with self._lock:
            left = self._excluded.keys() - self._requested
            return any(self._excluded[job_id] == "queued" for job_id in left)

    def was_run_elsewhere(self, job_id: str) -> bool:
        """Whether this process requested the job and left it to another process."""
        with self._lock:
            return job_id in self._requested and job_id not in self._run_here

    def next_of(self, queued: Sequence[str]) -> str | None:
        """The job to run next, from the ``queued`` ones in their order.

        If some jobs are excluded, the requested ones come first.
        """
        with self._lock:
            queued = [job_id for job_id in queued if job_id not in self._held]
            if not self._excluded:
                return queued[0] if queued else None
            candidates = [
                job_id
                for job_id in queued
                if job_id in self._requested or self._excluded.get(job_id) != "queued"
            ]
            return min(candidates, key=lambda job_id: job_id not in self._requested, default=None)

    # ---- changes ---------------------------------------------------------------------------------

    def request(self, job_id: str) -> None:
        """Note that the user of this process queued or resumed the job."""
        with self._lock:
            self._requested.add(job_id)
            self._held.discard(job_id)

    def hold(self, job_ids: Iterable[str]) -> None:
        """Do not run these jobs here, even while they are queued, until they are released."""
        with self._lock:
            self._held.update(job_ids)

    def release(self, job_ids: Iterable[str]) -> None:
        """End what :meth:`hold` began, as a request for the job also does."""
        with self._lock:
            self._held.difference_update(job_ids)

    def note_run(self, job_id: str) -> None:
        """Note that the job begins to run in this process."""
        with self._lock:
            self._run_here.add(job_id)

    def include_resumed(self, queued: Collection[str]) -> None:
        """Include each of the ``queued`` jobs that was not queued at some time since the beginning.

        ``queued`` are all jobs that are queued now.
        """
        with self._lock:
            for job_id in queued:
                if self._excluded.get(job_id, "queued") != "queued":
                    del self._excluded[job_id]
            for job_id in self._excluded.keys() - set(queued):
                if self._excluded[job_id] == "queued":  # it may be resumed later
                    self._excluded[job_id] = "paused"
