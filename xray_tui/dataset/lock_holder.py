"""The file next to the generator lock that names the process holding it.

The lock itself belongs to the kernel and is released when its process ends. The file is for people,
and for hosts that share the folder but not the lock.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.files.atomic import write_whole
from xray_tui.environment import host_name
from xray_tui.text import clean, minute

_SAME_START = 10.0
"""Seconds by which two readings of a start time may differ: system clocks are adjusted."""
_MAX_BYTES = 4096


@dataclass(frozen=True)
class Holder:
    """A process that generates into a dataset."""

    host: str
    pid: int
    since: str
    """ISO 8601 in UTC: when it acquired the lock."""
    started: float = 0.0
    """Start of the process in seconds since 1970, as process numbers are reused."""
    leaves_jobs: bool = False
    """Whether it leaves jobs that were queued before it started to others."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} (since {minute(self.since)})"

    @property
    def short(self) -> str:
        """The process without the time: ``process 25961``, and the host if it is another one."""
        return f"process {self.pid}" + ("" if self.is_here else f" on {self.host}")

    @property
    def named(self) -> str:
        """As :attr:`short`, at the beginning of a sentence."""
        return f"P{self.short[1:]}"

    @property
    def is_here(self) -> bool:
        """Whether the process runs, or ran, on this host."""
        return self.host == clean(host_name())

    @property
    def is_this_process(self) -> bool:
        """Whether it is the current process."""
        return self.is_here and self.pid == os.getpid() and self.is_alive

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; a process on another host is assumed to be running."""
        if not self.is_here:
            return True
        started = _start_of(self.pid)
        return started is not None and abs(started - self.started) < _SAME_START


def this_process(*, leaves_jobs: bool = False) -> Holder:
    """The current process, as the holder from now on."""
    now = datetime.now(UTC).isoformat("T", "seconds")
    pid = os.getpid()
    return Holder(clean(host_name()), pid, now, _start_of(pid) or 0.0, leaves_jobs)


def read(path: Path) -> Holder | None:
    """The holder named in the file at ``path``; None if the file is missing or invalid."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
        return Holder(
            clean(str(content["host"])),
            int(content["pid"]),
            clean(str(content["since"])),
            float(content["started"]),
            bool(content.get("leaves_jobs")),  # earlier versions did not write it
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def write(path: Path, holder: Holder) -> None:
    """Name ``holder`` in the file at ``path``.

    Raises:
        DatasetError: the file cannot be written.
    """
    write_whole(path, [json.dumps(asdict(holder)).encode()], durable=False)


def _start_of(pid: int) -> float | None:
    """Start time of a process on this host; None if no process has that number."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:  # ended, but not reaped by its parent
            return None
        started: float = process.create_time()
    except (psutil.Error, ValueError, OverflowError):
        return None
    return started
