"""Who holds the generator lock, as a file beside it says.

The lock itself is the kernel's and goes with its process. The file is for people, and for hosts
that share the folder but not the lock.
"""

from __future__ import annotations

import json
import os
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.files.atomic import write_whole
from xray_tui.text import clean

_SAME_START = 10.0
"""Seconds by which two readings of a process's start may differ: clocks are set right."""
_MAX_BYTES = 4096


@dataclass(frozen=True)
class Holder:
    """A process that generates into a dataset."""

    host: str
    pid: int
    since: str
    """ISO 8601 in UTC: when it took the lock."""
    started: float = 0.0
    """When the process began, in seconds since 1970: process numbers are used again."""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} (since {self.since})"

    @property
    def is_here(self) -> bool:
        """Whether it runs, or ran, on this host."""
        return self.host == clean(socket.gethostname())

    @property
    def is_this_process(self) -> bool:
        """Whether it is the process that asks."""
        return self.is_here and self.pid == os.getpid() and self.is_alive

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; on another host that cannot be seen, and is taken to be so."""
        if not self.is_here:
            return True
        started = _start_of(self.pid)
        return started is not None and abs(started - self.started) < _SAME_START


def this_process() -> Holder:
    """The process that asks, holding the lock from now on."""
    now = datetime.now(UTC).isoformat("T", "seconds")
    pid = os.getpid()
    return Holder(clean(socket.gethostname()), pid, now, _start_of(pid) or 0.0)


def read(path: Path) -> Holder | None:
    """Whoever the file at ``path`` names; None where there is no such file, or it says nothing."""
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_MAX_BYTES))
        return Holder(
            clean(str(content["host"])),
            int(content["pid"]),
            clean(str(content["since"])),
            float(content["started"]),
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def write(path: Path, holder: Holder) -> None:
    """Name ``holder`` in the file at ``path``.

    Raises:
        DatasetError: it could not be written.
    """
    write_whole(path, [json.dumps(asdict(holder)).encode()], durable=False)


def _start_of(pid: int) -> float | None:
    """When a process of this host began; None if none of that number runs."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:  # ended; only its parent has not looked yet
            return None
        started: float = process.create_time()
    except (psutil.Error, ValueError, OverflowError):
        return None
    return started
