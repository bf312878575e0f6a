"""Jobs that a command was asked for and leaves unfinished: how they stand, and who runs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xray_tui.commands import command
from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError


@dataclass(frozen=True)
class LeftJob:
    """An unfinished job, as it is stored in the queue."""

    id: str
    stands: str
    """Such as ``Interrupted`` or ``Job 1a2b stays queued``."""
    runner: str = ""
    """Who runs the job now or later, and how to cancel it; empty if nobody does."""
    surely: bool = False
    """Whether there is such a process: then the user need not resume the job."""

    def text(self, how_far: str) -> str:
        """How the job stands and who runs it; ``how_far`` it is, unless it surely runs."""
        begin = f"{self.stands}: {how_far}" if how_far and not self.surely else self.stands
        return f"{begin}. {self.runner}" if self.runner else begin


def left_jobs(dataset: Dataset, job_ids: Iterable[str]) -> Iterator[LeftJob]:
    """How the jobs stand that this process leaves now; jobs that were removed are left out."""
    for job_id in sorted(job_ids):
        try:
            left = _left_job(dataset, job_id)
        except DatasetError:  # nothing is known but that this process did not finish it
            left = LeftJob(job_id, "Interrupted")
        if left is not None:
            yield left


def _left_job(dataset: Dataset, job_id: str) -> LeftJob | None:
    state = dataset.queue.state(job_id)
    if state is None:
        return None
    holder = dataset.lock_holder()
    stands = f"Job {job_id} stays {state}"
    when = " once the queue is resumed" if dataset.queue.paused else ""
    cancel = f"To cancel it: {command('jobs', 'cancel', job_id, dataset=dataset.root)}"
    if state == "running" and holder is not None:
        stands = f"Job {job_id} continues in {holder.short}{when}"
        return LeftJob(job_id, stands, cancel, surely=True)
    if state == "queued" and holder is not None and not holder.leaves_jobs:
        runner = f"{holder.named} generates it{when}. {cancel}"
        return LeftJob(job_id, stands, runner, surely=True)
    if state == "queued":
        runner = f"An app that is open on this dataset generates it{when}. {cancel}"
        return LeftJob(job_id, stands, runner)
    return LeftJob(job_id, stands if state == "paused" else "Interrupted")
