"""Holds the generator lock for a job, and keeps it while this process still has jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetLockedError
from xray_tui.generation.events import Emit, LogLine


class GeneratorLease:
    """The generator lock of ``dataset``, as one engine holds it.

    Only the engine's thread calls its methods; any thread may read ``waiting_for``.
    """

    def __init__(self, dataset: Dataset, emit: Emit) -> None:
        self._dataset = dataset
        self._emit = emit
        self._kept: ExitStack | None = None
        self.waiting_for = ""
        """Why this process cannot generate now; empty if it can."""
        self._logged: tuple[str, bool] | None = None
        """Of the last line about waiting: the process, empty if not known; if it runs all jobs."""

    @property
    def kept(self) -> bool:
        """Whether the lock is kept between jobs."""
        return self._kept is not None

    @contextmanager
    def held(self, *, keep: bool, waits: bool, leaves_jobs: bool = False) -> Iterator[bool]:
        """Hold the lock within ``with``; if ``keep`` is true, hold it afterwards too.

        Yields whether the lock was acquired. If not, that is logged if a job ``waits`` for it. With
        ``leaves_jobs``, other processes see that this one does not run all queued jobs.

        Raises:
            DatasetError: the folder is not writable.
        """
        with ExitStack() as held:
            try:
                if self.kept and self._dataset.lock_holder() is not None:
                    self.release()  # another host stole it
                held.enter_context(self._dataset.generator_lock(leaves_jobs=leaves_jobs))
            except DatasetLockedError as error:
                self._wait_for(str(error), waits)
                yield False
                return
            self.waiting_for, self._logged = "", None
            if keep and self._kept is None:
                self._kept = ExitStack()
                self._kept.enter_context(self._dataset.generator_lock())
            yield True

    def release(self) -> None:
        """Stop keeping the lock between jobs."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _wait_for(self, reason: str, waits: bool) -> None:
        first, self.waiting_for = not self.waiting_for, reason
        holder = self._dataset.lock_holder()
        if not waits or (holder is None and (first or self._logged is not None)):
            return  # a process that begins to generate names itself only after a moment
        runs_all = holder is not None and not holder.leaves_jobs
        logged = ("" if holder is None else holder.short, runs_all)
        if logged == self._logged:  # the time in the reason changes with every job of that process
            return
        self._logged = logged
        text = f"Waiting to generate: {reason}"
        if holder is not None and runs_all:
            text = (
                f"{holder.named} generates this job, as it does all jobs of this dataset; "
                "its progress is shown here."
            )
        self._emit(LogLine("info", text))
