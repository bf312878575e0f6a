"""The headless command ends when nothing can be generated because of an error in the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.generation_samples import a_job

from xray_tui.cli.headless import run_jobs
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.generation.running import thread_loop
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.running.queue_worker import QueueWorker


@pytest.mark.parametrize(
    ("owner", "method", "state"),
    [
        (JobQueue, "load", "interrupted"),
        (QueueWorker, "_work_once", "queued"),  # no job can even begin
    ],
)
def test_a_bug_ends_the_command(
    owner: type,
    method: str,
    state: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It tried again for ever, or waited for a thread that had ended."""
    dataset, job = Dataset(tmp_path / "D"), a_job(steps=1)
    monkeypatch.setattr(thread_loop, "MOST_PROBLEMS", 2)
    monkeypatch.setattr("xray_tui.generation.running.control.POLL_SECONDS", 0.02)

    def submit(engine: Engine) -> list[str]:
        engine.submit(job)
        return [job.id]

    def fail(*_: object, **named: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(owner, method, fail)
    try:
        assert run_jobs(dataset, submit, on_job_end=None, as_json=False) != 0
        assert dataset.queue.state(job.id) == state
    finally:
        dataset.close()
    assert "RuntimeError: boom" in "".join(capsys.readouterr())
