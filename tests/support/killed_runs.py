"""Runs ``xray-tui generate --resume`` and kills it: after some time, or while it saves."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from support.fork_server import ChildCommand, ForkServer


@dataclass(frozen=True)
class PlannedRun:
    """A process that resumes the unfinished jobs of the dataset ``root``.

    It is killed ``seconds`` after its first line of output, or before or after call number
    ``calls`` among the calls that make a save durable. It is not killed if both are None.
    """

    root: Path
    seconds: float | None = None
    calls: int | None = None
    before_call: bool = False


@dataclass(frozen=True)
class RunResult:
    """The exit code (-9 if it was killed), and the files it reported as saved."""

    code: int
    saved: dict[str, int]
    """Modification time of each file, in ns."""


def random_run(draw: random.Random, root: Path) -> PlannedRun:
    """A run that is killed at a random time, or at a random call while it saves."""
    if draw.random() < 0.5:
        return PlannedRun(root, seconds=draw.uniform(0, 0.4))
    return PlannedRun(root, calls=draw.randint(1, 60), before_call=draw.random() < 0.5)


def run(planned: PlannedRun, parent: ForkServer) -> RunResult:
    """Run a child of ``parent`` as planned, and wait for its end."""
    reading, writing = os.pipe()
    arguments = ["generate", "--resume", "--dataset", str(planned.root), "--json"]
    command = ChildCommand(
        arguments,
        str(planned.root.parent),
        killed_at=planned.calls,
        before_call=planned.before_call,
    )
    child = parent.start(command, writing, 2)
    os.close(writing)
    with os.fdopen(reading) as output:
        lines = [output.readline()]
        if planned.seconds is not None:
            time.sleep(planned.seconds)
            child.kill(signal.SIGKILL)
        lines += output.read().split("\n")
    code = child.wait()
    events = [json.loads(line) for line in lines if line.endswith(("}", "}\n"))]
    files = [event["record"]["file"] for event in events if event["event"] == "ImageSaved"]
    return RunResult(code, {file: (planned.root / file).stat().st_mtime_ns for file in files})
