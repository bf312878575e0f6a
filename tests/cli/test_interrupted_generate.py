"""``xray-tui generate`` killed, stopped by signals, or on a full disk; then resumed."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import resource
import signal
import sqlite3
import struct
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.fork_server import ChildCommand, ForkServer
from support.generate_process import JOB, RESUME, StartGenerate
from support.generation_samples import a_job

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.repair.verifying import verify

LIMIT = 5.0
"""Seconds within which the process must end after a signal."""
MANY_STEPS = ["--steps", "200", "--batch-size", "8"]


def job_states(folder: Path) -> dict[str, str]:
    """The state of each job, read without opening the dataset, which would repair it."""
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_command_within_a_step_and_leaves_no_temporary_file(
    number: signal.Signals, tmp_path: Path, start: StartGenerate
) -> None:
    command = start(tmp_path, [*JOB, *MANY_STEPS])
    step = command.wait_for("StepDone")["step"]
    assert command.signal(number) < LIMIT
    assert command.end() == 130
    steps = [event["step"] for event in command.events if event["event"] == "StepDone"]
    assert steps[-1] <= step + 3  # the running step, and steps whose lines were not read yet
    assert command.events[-1]["state"] == "interrupted"
    assert list(job_states(tmp_path).values()) == ["interrupted"]
    assert leftovers(tmp_path) == []


def test_a_job_terminated_once_and_killed_twice_gives_the_images_of_an_undisturbed_run(
    tmp_path: Path, start: StartGenerate
) -> None:
    disturbed, calm = tmp_path / "disturbed", tmp_path / "calm"
    disturbed.mkdir()
    calm.mkdir()
    (disturbed / "xray-tui").mkdir()
    hook = "cat >> hooked.jsonl; exit 3"
    (disturbed / "xray-tui" / "config.toml").write_text(f'on_job_end = "{hook}"\n')
    first = start(disturbed, JOB)
    job_id = first.wait_for("ImageSaved")["job_id"]
    assert first.signal(signal.SIGTERM) < LIMIT
    assert first.end() == 130
    assert first.events[-1]["event"] == "JobFinished"
    assert first.events[-1]["state"] == "interrupted"
    assert job_states(disturbed) == {job_id: "interrupted"}
    assert leftovers(disturbed) == []

    for _ in range(2):
        killed = start(disturbed, RESUME)
        killed.wait_for("StepDone")
        killed.wait_for("StepDone", step=4)
        killed.signal(signal.SIGKILL)
        assert job_states(disturbed) == {job_id: "running"}
    last = start(disturbed, [*RESUME, job_id[:-1]])  # the beginning of the id is enough
    assert last.end() == 0
    assert last.events[-1]["state"] == "done"
    lines = [event["text"] for event in last.events if event["event"] == "LogLine"]
    assert any("set to interrupted; to resume" in line for line in lines)
    assert job_states(disturbed) == {job_id: "done"}
    hooked = [json.loads(line) for line in (disturbed / "hooked.jsonl").read_text().splitlines()]
    # A killed job counts as interrupted when the next process finds it.
    assert [facts["event"] for facts in hooked] == ["interrupted"] * 3 + ["done"]
    assert {facts["id"] for facts in hooked} == {job_id}
    assert hooked[-1]["done"] == hooked[-1]["total"] == 8
    errors = (disturbed / "stderr.txt").read_text()
    assert f"({job_id}), exit code 3" in errors

    undisturbed = start(calm, JOB, ignore_hangup=True)
    undisturbed.wait_for("StepDone")
    undisturbed.process.kill(signal.SIGHUP)
    assert undisturbed.end() == 0  # it ignores SIGHUP, as under nohup, and continues
    expected, generated = pixels(calm), pixels(disturbed)
    assert len(expected) == 8
    assert expected.keys() == generated.keys()
    assert all(np.array_equal(expected[name], generated[name]) for name in expected)
    assert verify(disturbed / "D", lambda *_: None).findings.problems == ()
    again = start(disturbed, RESUME)
    assert again.process.wait() == 0  # there is nothing left to resume: one line, no event


def test_a_closed_terminal_ends_the_command_in_time(tmp_path: Path, parent: ForkServer) -> None:
    arguments = [argument for argument in JOB if argument != "--json"]
    terminal, shown = pty.openpty()
    fcntl.ioctl(shown, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    command = parent.start(ChildCommand([*arguments, *MANY_STEPS], str(tmp_path)), shown, shown)
    os.close(shown)
    seen = b""
    while b"batch 1/1" not in seen:
        seen += os.read(terminal, 1 << 16)
    begin = time.monotonic()
    os.close(terminal)  # the connection drops: it cannot write, and the kernel sends SIGHUP
    command.kill(signal.SIGHUP)
    assert command.wait() == 130
    assert time.monotonic() - begin < LIMIT
    assert list(job_states(tmp_path).values()) == ["interrupted"]


def test_on_a_full_disk_the_command_waits_and_a_signal_still_ends_it(
    tmp_path: Path, start: StartGenerate
) -> None:
    dataset = Dataset(tmp_path / "D")
    job = a_job(count=60, batch_size=4, steps=1)
    dataset.queue.add(job)
    dataset.close()
    catalog = tmp_path / "D" / ".xray-tui" / "catalog.sqlite"
    limit = catalog.stat().st_size + (16 << 10)

    command = start(tmp_path, RESUME, largest_file=limit)
    command.wait_for("JobStateChanged", state="paused")
    (error,) = [event["text"] for event in command.events if event.get("level") == "error"]
    assert "the job is waiting and continues by itself" in error
    saved = [event for event in command.events if event["event"] == "ImageSaved"]
    assert 0 < len(saved) < 60

    infinite = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE, infinite)
    command.wait_for("JobStateChanged", state="running")
    command.wait_for("ImageSaved")
    now = catalog.stat().st_size
    resource.prlimit(command.process.pid, resource.RLIMIT_FSIZE, (now, resource.RLIM_INFINITY))
    command.wait_for("JobStateChanged", state="paused")
    assert command.signal(signal.SIGTERM) < LIMIT
    assert command.end() == 130
    assert leftovers(tmp_path) == []
    reported = [event["record"]["file"] for event in command.events if "record" in event]
    assert all((tmp_path / "D" / file).is_file() for file in reported)

    last = start(tmp_path, RESUME)
    assert last.end() == 0
    assert job_states(tmp_path) == {job.id: "done"}
    assert len(pixels(tmp_path)) == 60
    assert verify(tmp_path / "D", lambda *_: None).findings.problems == ()
