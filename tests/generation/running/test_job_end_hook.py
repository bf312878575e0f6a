"""The user's command runs once for each end of a job, gets the job as JSON, and may fail."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.generation_samples import a_job

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.withdrawal import withdraw
from xray_tui.generation.running.job_end_hook import job_end_hook


class Hooked:
    """A dataset whose hook appends each of its inputs to a file."""

    def __init__(self, root: Path, file: Path) -> None:
        self.dataset = Dataset(root)
        self.file = file
        self.problems: list[str] = []
        self.job = a_job()
        self.dataset.queue.add(self.job)

    def run(self, act: Callable[[], object], command: str = "") -> list[dict[str, Any]]:
        """What the command was given while ``act`` ran; by default the command stores it."""
        store = command or f"cat >> {shlex.quote(str(self.file))}"
        with job_end_hook(store, self.dataset, self.problems.append, wait=20):
            act()
        lines = self.file.read_text().splitlines() if self.file.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def hooked(tmp_path: Path) -> Iterator[Hooked]:
    opened = Hooked(tmp_path / "D", tmp_path / "hooked.jsonl")
    yield opened
    opened.dataset.close()


def test_each_end_runs_the_command_once_with_the_job(hooked: Hooked) -> None:
    queue, job_id = hooked.dataset.queue, hooked.job.id

    def ends() -> None:
        assert queue.start(job_id)
        assert queue.finish(job_id, "interrupted")
        assert queue.resume(job_id)
        assert queue.refuse(job_id, "the model is gone")
        assert queue.retry(job_id) == 0
        assert queue.start(job_id)
        queue.announce(job_id, "waiting")
        assert queue.finish(job_id, "done")
        assert not queue.cancel(job_id)  # too late

    given = hooked.run(ends)
    assert sorted(fact["event"] for fact in given) == ["done", "failed", "interrupted", "waiting"]
    (failed,) = (fact for fact in given if fact["event"] == "failed")
    assert failed["id"] == job_id
    assert failed["title"] == hooked.job.title
    assert failed["message"] == "the model is gone"
    assert failed["dataset"] == str(hooked.dataset.root)
    assert (failed["total"], failed["done"], failed["failed"]) == (1, 0, 0)
    assert hooked.problems == []


def test_what_ends_no_run_runs_no_command(hooked: Hooked) -> None:
    queue, job_id = hooked.dataset.queue, hooked.job.id

    def change() -> None:
        assert queue.pause(job_id)
        assert queue.resume(job_id)
        assert queue.set_aside(job_id)
        assert queue.resume(job_id)
        assert queue.start(job_id)
        assert queue.pause(job_id)
        assert not queue.finish(job_id, "done")  # it is paused, so its run has not ended

    assert hooked.run(change) == []


def test_undoing_that_a_job_was_queued_is_no_end_unless_the_job_ran(hooked: Hooked) -> None:
    queue, job_id = hooked.dataset.queue, hooked.job.id

    def undo() -> None:
        assert queue.pause(job_id)
        assert withdraw(queue, job_id)
        assert not withdraw(queue, job_id)

    assert hooked.run(undo) == []
    assert queue.row(job_id) is None
    assert queue.put_back(job_id) and queue.resume(job_id) and queue.start(job_id)
    assert [fact["event"] for fact in hooked.run(lambda: withdraw(queue, job_id))] == ["cancelled"]


def test_two_processes_that_see_the_end_run_it_once(hooked: Hooked) -> None:
    other = Dataset(hooked.dataset.root)
    try:
        with job_end_hook("exit 1", other, hooked.problems.append, wait=20):
            given = hooked.run(lambda: hooked.dataset.queue.cancel(hooked.job.id))
            assert not other.queue.cancel(hooked.job.id)
    finally:
        other.close()
    assert [fact["event"] for fact in given] == ["cancelled"]
    assert hooked.problems == []


def test_a_job_whose_process_was_killed_counts_as_interrupted_when_it_is_found(
    hooked: Hooked, tmp_path: Path
) -> None:
    hooked.dataset.queue.start(hooked.job.id)
    hooked.dataset.close()
    hooked.dataset = Dataset(hooked.dataset.root)  # finds the job that nobody runs
    assert [fact["event"] for fact in hooked.run(lambda: None)] == ["interrupted"]
    hooked.dataset.close()
    hooked.dataset = Dataset(hooked.dataset.root)
    assert len(hooked.run(lambda: None)) == 1


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("echo first >&2; echo 'no such table' >&2; exit 3", "exit code 3: no such table"),
        ("exec 0<&-; exit 2", "exit code 2"),
        ("kill -9 $$", "signal 9"),
        ("no-such-command-here", "exit code 127: "),
    ],
)
def test_a_failing_command_is_reported_and_stops_nothing(
    hooked: Hooked, command: str, problem: str
) -> None:
    hooked.run(lambda: hooked.dataset.queue.cancel(hooked.job.id), command)
    (text,) = hooked.problems
    name = f"{hooked.job.title} ({hooked.job.id})"
    assert text.startswith(f"on_job_end failed for {name}, {problem}")
    assert hooked.dataset.queue.state(hooked.job.id) == "cancelled"


def test_nothing_waits_for_a_slow_command_and_it_is_not_in_our_process_group(
    hooked: Hooked, tmp_path: Path
) -> None:
    file = tmp_path / "group"
    started = time.monotonic()
    with job_end_hook(
        f"ps -o pgid= -p $$ > {file}; sleep 20", hooked.dataset, hooked.problems.append, wait=0.5
    ):
        hooked.dataset.queue.cancel(hooked.job.id)
    assert time.monotonic() - started < 10
    assert int(file.read_text()) != os.getpgid(0)


def test_without_a_command_nothing_listens(hooked: Hooked) -> None:
    with job_end_hook(None, hooked.dataset, hooked.problems.append):
        assert hooked.dataset.queue.cancel(hooked.job.id)
    assert hooked.problems == []
