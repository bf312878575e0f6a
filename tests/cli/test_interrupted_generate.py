"""``xray-tui generate``, killed, stopped by signals and left without room; then resumed."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.generation_samples import a_job
from support.terminal import Terminal

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.verifying import verify

LIMIT = 5.0
"""Seconds in which it must be gone after a signal."""
JOB = ["generate", "knee-healthy", "--count", "8", "--batch-size", "2", "--steps", "8", "--seed"]
JOB += ["7", "--size", "128x128", "--dataset", "D", "--json"]
RESUME = ["generate", "--resume", "--dataset", "D", "--json"]
MANY_STEPS = ["--steps", "200", "--batch-size", "8"]

Start = Callable[..., "Generating"]


class Generating:
    """A process that generates in ``folder``, and the events it prints."""

    def __init__(self, folder: Path, arguments: list[str], **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "xray_tui", *arguments],
            cwd=folder,
            env={**os.environ, "XDG_CONFIG_HOME": str(folder), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=(folder / "stderr.txt").open("w"),
            text=True,
            **options,
        )
        self.events: list[dict[str, Any]] = []

    def wait_for(self, name: str, times: int = 1, **fields: Any) -> dict[str, Any]:
        """Read until it has told that event so many times from now on."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.events.append(event)
            times -= event["event"] == name and fields.items() <= event.items()
            if times == 0:
                return event
        raise AssertionError(f"no {name} {fields}; told: {self.events}")

    def end(self) -> int:
        """Read to the end; returns the exit code."""
        assert self.process.stdout is not None
        self.events += [json.loads(line) for line in self.process.stdout if line[0] == "{"]
        return self.process.wait()

    def signal(self, number: int) -> float:
        """Send a signal; returns the seconds until the process has ended."""
        start = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(60)
        return time.monotonic() - start


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Generating] = []

    def start_one(folder: Path, arguments: list[str], **options: Any) -> Generating:
        started.append(Generating(folder, arguments, **options))
        return started[-1]

    yield start_one
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
        one.end()


def rows(folder: Path) -> dict[str, str]:
    """State of each job, without opening the dataset: that would mend it."""
    connection = sqlite3.connect(folder / "D" / ".xray-tui" / "catalog.sqlite")
    try:
        return dict(connection.execute("SELECT id, state FROM jobs").fetchall())
    finally:
        connection.close()


def pixels(folder: Path) -> dict[str, np.ndarray]:
    found = {}
    for path in (folder / "D").glob("*/*/*.png"):
        with Image.open(path) as picture:
            found[path.name] = np.asarray(picture)
    return found


def leftovers(folder: Path) -> list[Path]:
    return [path for path in (folder / "D").rglob("*") if path.name.endswith(".tmp")]


def ignore_hangup() -> None:
    """As ``nohup`` does."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def test_terminated_once_and_killed_once_it_ends_as_an_undisturbed_run(
    tmp_path: Path, start: Start
) -> None:
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    disturbed.mkdir()
    calm.mkdir()
    first = start(disturbed, JOB)
    job_id = first.wait_for("ImageSaved")["job_id"]
    assert first.signal(signal.SIGTERM) < LIMIT
    assert first.end() == 130
    assert first.events[-1]["event"] == "JobFinished"
    assert first.events[-1]["state"] == "interrupted"
    assert rows(disturbed) == {job_id: "interrupted"}
    assert leftovers(disturbed) == []

    killed = start(disturbed, RESUME)
    killed.wait_for("StepDone")
    killed.wait_for("StepDone", step=4)
    killed.signal(signal.SIGKILL)
    assert rows(disturbed) == {job_id: "running"}
    last = start(disturbed, [*RESUME, job_id[:-1]])  # how the id begins is enough
    assert last.end() == 0
    assert last.events[-1]["state"] == "done"
    lines = [event["text"] for event in last.events if event["event"] == "LogLine"]
    assert any("interrupted when the process that ran" in line for line in lines)
    assert rows(disturbed) == {job_id: "done"}

    undisturbed = start(calm, JOB, preexec_fn=ignore_hangup)
    undisturbed.wait_for("StepDone")
    undisturbed.process.send_signal(signal.SIGHUP)
    assert undisturbed.end() == 0  # the terminal was left with nohup: it goes on
    expected, made = pixels(calm), pixels(disturbed)
    assert len(expected) == 8
    assert expected.keys() == made.keys()
    assert all(np.array_equal(expected[name], made[name]) for name in expected)
    assert verify(disturbed / "D", lambda *_: None).findings.problems == ()
    again = start(disturbed, RESUME)
    assert again.process.wait(60) == 0  # nothing is left to resume; no event, one line


@pytest.mark.parametrize("gone", [False, True], ids=["signal", "terminal-closed"])
def test_a_hangup_ends_it_in_time(gone: bool, tmp_path: Path) -> None:
    arguments = [argument for argument in JOB if argument != "--json"]
    terminal = Terminal([*arguments, *MANY_STEPS], tmp_path)
    try:
        terminal.wait_for("batch 1/1", 120)
        begin = time.monotonic()
        if gone:
            terminal.process.ptyproc.fileobj.close()  # the connection drops: the kernel hangs up
            pid = terminal.process.pid
            _, status = os.waitpid(pid, 0)
            code = os.waitstatus_to_exitcode(status)
            terminal.process.ptyproc.terminated = True
            terminal.process.terminated = True
        else:
            terminal.process.kill(signal.SIGHUP)
            code = terminal.wait_for_end()
        assert time.monotonic() - begin < LIMIT
        assert code == 130
        assert list(rows(tmp_path).values()) == ["interrupted"]
    finally:
        if not gone:
            terminal.close()


def test_without_room_it_waits_and_a_signal_still_ends_it(tmp_path: Path, start: Start) -> None:
    dataset = Dataset(tmp_path / "D")
    job = a_job(count=60, batch_size=4, steps=1)
    dataset.queue.add(job)
    dataset.close()
    catalog = tmp_path / "D" / ".xray-tui" / "catalog.sqlite"
    limit = catalog.stat().st_size + (16 << 10)

    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    one = start(tmp_path, RESUME, preexec_fn=limit_files)
    one.wait_for("JobStateChanged", state="paused")
    (error,) = [event["text"] for event in one.events if event.get("level") == "error"]
    assert "the job waits and goes on by itself" in error
    saved = [event for event in one.events if event["event"] == "ImageSaved"]
    assert 0 < len(saved) < 60

    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(one.process.pid, resource.RLIMIT_FSIZE, infinite)
    one.wait_for("JobStateChanged", state="running")
    one.wait_for("ImageSaved")
    now = catalog.stat().st_size
    resource.prlimit(one.process.pid, resource.RLIMIT_FSIZE, (now, resource.RLIM_INFINITY))
    one.wait_for("JobStateChanged", state="paused")
    assert one.signal(signal.SIGTERM) < LIMIT
    assert one.end() == 130
    assert leftovers(tmp_path) == []
    acknowledged = [event["record"]["file"] for event in one.events if "record" in event]
    assert all((tmp_path / "D" / file).is_file() for file in acknowledged)

    last = start(tmp_path, RESUME)
    assert last.end() == 0
    assert rows(tmp_path) == {job.id: "done"}
    assert len(pixels(tmp_path)) == 60
    assert verify(tmp_path / "D", lambda *_: None).findings.problems == ()
