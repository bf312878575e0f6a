"""``xray-tui generate --resume``, killed on the way: after some time, or within the save path."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from support.warm import Start, Warm


@dataclass(frozen=True)
class Round:
    """One process that resumes what is unfinished in the dataset ``root`` and goes on to the end.

    Killed ``seconds`` after its first line, or around the call number ``calls`` of the save path;
    by neither if both are None.
    """

    root: Path
    seconds: float | None = None
    calls: int | None = None
    before_call: bool = False


@dataclass(frozen=True)
class Ended:
    """How it ended: its exit code (-9 where it was killed), and the files it said it had saved."""

    code: int
    saved: dict[str, int]
    """Modification time in ns of each file."""


def random_round(draw: random.Random, root: Path) -> Round:
    """One that is killed at a moment, or at a place in the save path."""
    if draw.random() < 0.5:
        return Round(root, seconds=draw.uniform(0, 0.4))
    return Round(root, calls=draw.randint(1, 60), before_call=draw.random() < 0.5)


def run(one: Round, parent: Warm) -> Ended:
    """Let a child of ``parent`` do that round."""
    reading, writing = os.pipe()
    arguments = ["generate", "--resume", "--dataset", str(one.root), "--json"]
    start = Start(arguments, str(one.root.parent), killed_at=one.calls, before_call=one.before_call)
    child = parent.start(start, writing, 2)
    os.close(writing)
    with os.fdopen(reading) as output:
        lines = [output.readline()]
        if one.seconds is not None:
            time.sleep(one.seconds)
            child.kill(signal.SIGKILL)
        lines += output.read().split("\n")
    code = child.wait()
    events = [json.loads(line) for line in lines if line.endswith(("}", "}\n"))]
    files = [event["record"]["file"] for event in events if event["event"] == "ImageSaved"]
    return Ended(code, {file: (one.root / file).stat().st_mtime_ns for file in files})
