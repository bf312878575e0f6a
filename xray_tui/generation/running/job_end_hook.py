"""Runs the user's command (``on_job_end`` in the settings) when a job ends, or waits for room.

The process that changes a job's state in the catalog runs the command. The state changes once,
however many processes watch the queue, so the command runs once too.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import IO, Any

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import JobMoment
from xray_tui.errors import DatasetError
from xray_tui.text import clean

Report = Callable[[str], object]
"""Receives one line about a command that failed, in a thread of its own."""

WAIT = 2.0
_LAST_BYTES = 2_000


@contextmanager
def job_end_hook(
    command: str | None, dataset: Dataset, report: Report, *, wait: float = WAIT
) -> Iterator[None]:
    """In this block, run ``command`` for each end of a job in ``dataset``; None runs nothing.

    Also for jobs that were found interrupted when ``dataset`` was opened. At the end of the block,
    waits at most ``wait`` seconds for commands that still run, to report their failures.
    """
    if command is None:
        yield
        return
    hook = JobEndHook(command, dataset, report)
    hook.attach()
    try:
        yield
    finally:
        hook.finish(wait)


class JobEndHook:
    """Runs ``command`` in ``sh`` for each end of a job in ``dataset``; usable from any thread.

    The command gets one JSON object on its standard input: the fields of ``xray-tui jobs show
    --json`` without the request, ``event`` (done, failed, cancelled, interrupted or waiting) and
    ``dataset``. Nothing waits for the command, it outlives this process, and ``report`` gets a line
    if it fails.
    """

    def __init__(self, command: str, dataset: Dataset, report: Report) -> None:
        self._command = command
        self._dataset = dataset
        self._report = report
        self._watchers: list[threading.Thread] = []

    def __call__(self, job_id: str, moment: JobMoment) -> None:
        """Start the command for this job; never raises."""
        name = job_id
        try:
            facts = self._facts(job_id, moment)
            if "title" in facts:
                name = f"{clean(facts['title'])} ({job_id})"
            line = json.dumps(facts) + "\n"
            process, errors = self._start(line.encode())
        except (OSError, ValueError, DatasetError) as error:
            self._report(f"on_job_end could not be run for {name}: {clean(str(error))}")
            return
        watcher = threading.Thread(
            target=self._watch, args=(process, errors, name), name="on_job_end", daemon=True
        )
        watcher.start()
        self._watchers = [other for other in self._watchers if other.is_alive()] + [watcher]

    def attach(self) -> None:
        """Run for every job that ends from now on, and for those just found interrupted.

        A job is found interrupted when its dataset is opened after its process was killed.
        """
        self._dataset.queue.announce = self
        mended = self._dataset.mended
        for job_id in mended.interrupted if mended is not None else ():
            self(job_id, "interrupted")

    def finish(self, seconds: float) -> None:
        """Wait at most so long for commands that still run, to report their failures."""
        end = time.monotonic() + seconds
        for watcher in self._watchers:
            watcher.join(max(0.0, end - time.monotonic()))

    def _facts(self, job_id: str, moment: JobMoment) -> dict[str, Any]:
        row = self._dataset.queue.row(job_id)
        facts = {"id": job_id} if row is None else asdict(row)
        facts.pop("request", None)  # its size has no bound, and the pipe's has
        return {"event": moment, "dataset": str(self._dataset.root), **facts}

    def _start(self, data: bytes) -> tuple[subprocess.Popen[bytes], IO[bytes] | None]:
        errors = _temporary_file()
        process = subprocess.Popen(
            ["/bin/sh", "-c", self._command],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,  # the app draws on the terminal
            stderr=subprocess.DEVNULL if errors is None else errors,
            start_new_session=True,  # ctrl+c and a closed terminal are meant for xray-tui
        )
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as stdin:  # it may not read its input
            stdin.write(data)
        return process, errors

    def _watch(self, process: subprocess.Popen[bytes], errors: IO[bytes] | None, name: str) -> None:
        code = process.wait()
        if code:
            how = f"exit code {code}" if code > 0 else f"signal {-code}"
            last = _last_line(errors)
            self._report(f"on_job_end failed for {name}, {how}{': ' if last else ''}{last}")
        if errors is not None:
            errors.close()


def _temporary_file() -> IO[bytes] | None:
    try:
        return tempfile.TemporaryFile()
    except OSError:  # the disk may be full, which is one reason to run the command
        return None


def _last_line(errors: IO[bytes] | None) -> str:
    if errors is None:
        return ""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _LAST_BYTES))
    lines = errors.read().decode(errors="replace").strip().splitlines()
    return clean(lines[-1]) if lines else ""
