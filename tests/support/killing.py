"""A process with the checkpoint in memory, whose children run a job and are killed on the way.

Started as ``python -m support.killing``, it reads one :class:`Round` as JSON a line, forks a child
for it, and answers one :class:`Ended` as JSON a line. Neither torch nor OpenMP may have threads
when it forks.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CALLS = ("fsync", "replace", "link", "unlink")
"""Functions of ``os`` that the save path ends in; the catalog's commit is the fifth place."""
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


@dataclass(frozen=True)
class Round:
    """What a child does: open the dataset in ``root`` and run the job ``job_id`` to its end.

    Killed after ``seconds``, or around the call number ``calls`` of the save path; by neither if
    both are None.
    """

    root: str
    job_id: str
    seconds: float | None = None
    calls: int | None = None
    before_call: bool = False


@dataclass(frozen=True)
class Ended:
    """How a child ended: the signal that killed it or 0, its exit code, the files it saved."""

    killed_by: int
    code: int
    saved: dict[str, int]
    """Modification time in ns of each file, as it was when the image was acknowledged."""


@contextmanager
def parent_of_children() -> Iterator[Callable[[Round], Ended]]:
    """The process, as a function that runs one round in a child of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "support.killing"],
        env={**os.environ, **ONE_THREAD, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def run(one: Round) -> Ended:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(one)) + "\n")
        process.stdin.flush()
        return Ended(**json.loads(process.stdout.readline()))

    try:
        yield run
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def random_round(draw: random.Random, root: Path, job_id: str) -> Round:
    """One that is killed at a moment, or at a place in the save path."""
    if draw.random() < 0.5:
        return Round(str(root), job_id, seconds=draw.uniform(0.005, 0.4))
    return Round(str(root), job_id, calls=draw.randint(1, 60), before_call=draw.random() < 0.5)


# ---- in that process -----------------------------------------------------------------------------


def main() -> None:
    from xray_tui.generation.sampler import Sampler
    from xray_tui.models.catalogue import resolve
    from xray_tui.models.environment import prepare_environment

    prepare_environment()
    import torch

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    sampler = Sampler()
    sampler.load(resolve("bundled"), "cpu", "auto", lambda text, fraction: None)
    _warm_up()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(asdict(_fork(Round(**json.loads(line)), sampler))), flush=True)


def _warm_up() -> None:
    """Import what would be imported in each child."""
    import filelock  # noqa: F401
    import psutil  # noqa: F401

    import xray_tui.dataset.dataset
    import xray_tui.generation.engine  # noqa: F401


def _fork(one: Round, sampler: Any) -> Ended:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 3
        try:
            code = _child(one, sampler, writing)
        finally:
            os._exit(code)
    os.close(writing)
    if one.seconds is not None:
        os.read(reading, 1)  # it has begun to run
        time.sleep(one.seconds)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as pipe:
        lines = pipe.read().split("\n")
    _, status = os.waitpid(child, 0)
    saved = dict(line.lstrip(".").rsplit(" ", 1) for line in lines if " " in line)
    return Ended(
        os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1,
        {file: int(when) for file, when in saved.items()},
    )


def _child(one: Round, sampler: Any, pipe: int) -> int:
    """Runs the job; returns 0 when it is done."""
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.generation.engine import Engine
    from xray_tui.generation.events import Event, ImageSaved, JobFinished

    os.write(pipe, b".")
    if one.calls is not None:
        _Trap(one.calls, before=one.before_call).set()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    root = Path(one.root)

    def listen(event: Event) -> None:
        if isinstance(event, ImageSaved):
            written = (root / event.record.file).stat().st_mtime_ns
            os.write(pipe, f"{event.record.file} {written}\n".encode())
        events.put(event)

    engine = Engine(Dataset(root), listen, own_only=True, sampler=sampler)
    engine.resume_job(one.job_id)
    while True:
        event = events.get(timeout=120)
        if isinstance(event, JobFinished):
            return 0 if event.state == "done" else 1


class _Trap:
    """Kills this process around one call of those that make a saved image durable."""

    def __init__(self, calls: int, *, before: bool) -> None:
        self._left = calls
        self._before = before

    def set(self) -> None:
        for name in CALLS:
            setattr(os, name, self._around(getattr(os, name)))
        trap, connect = self, sqlite3.connect

        class Trapped(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                real = super().execute
                return trap._around(real)(sql, *values) if sql == "COMMIT" else real(sql, *values)

        sqlite3.connect = lambda *args, **options: connect(*args, factory=Trapped, **options)

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            self._left -= 1
            now = self._left == 0
            if now and self._before:
                os.kill(os.getpid(), signal.SIGKILL)
            result = real(*arguments, **options)
            if now:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


if __name__ == "__main__":
    main()
