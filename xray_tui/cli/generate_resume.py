"""``xray-tui generate --resume``: resumes jobs that were interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from xray_tui.cli.headless import run_jobs
from xray_tui.cli.jobs.names import find_jobs
from xray_tui.cli.output import say
from xray_tui.commands import command
from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import RESUMABLE, WAITING
from xray_tui.errors import DatasetError
from xray_tui.generation.running.engine import Engine


def resume_jobs(settings: Settings, job_ids: Sequence[str], steal_lock: bool, as_json: bool) -> int:
    """Resume the named jobs, or all unfinished jobs; returns the exit code.

    Raises:
        DatasetError: a job does not exist, or cannot be resumed.
    """
    dataset = Dataset(settings.dataset, steal_lock=steal_lock)
    try:
        rows = _chosen(dataset, job_ids)
        if not rows:
            say(f"{dataset.root}: no job was interrupted, so there is nothing to resume")
            return 0

        def queue_jobs(engine: Engine) -> list[str]:
            for row in rows:
                engine.resume_job(row.id)
            return [row.id for row in rows]

        return run_jobs(dataset, queue_jobs, on_job_end=settings.on_job_end, as_json=as_json)
    finally:
        dataset.close()


def _chosen(dataset: Dataset, job_ids: Sequence[str]) -> list[JobRow]:
    if not job_ids:
        return dataset.queue.rows(WAITING)
    rows = find_jobs(dataset, job_ids)
    for row in rows:
        if row.state not in ("queued", *RESUMABLE):
            if row.state != "failed":
                raise DatasetError(f"job {row.id} is {row.state}, so there is nothing to resume")
            retry = command("jobs", "retry", row.id, dataset=dataset.root)
            raise DatasetError(f"job {row.id} is failed; to queue its failed images again: {retry}")
    return rows
