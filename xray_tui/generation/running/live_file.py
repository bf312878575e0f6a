"""Shows the current step of the generating process to other processes on the same dataset."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from xray_tui.dataset.files.atomic import TEMPORARY
from xray_tui.dataset.files.layout import PRIVATE
from xray_tui.generation.events import Event, StepDone

NAME = f"{PRIVATE}/live.json"
INTERVAL = 0.5
"""Seconds between two writes."""
STALE_SECONDS = 60.0
"""A file older than this is ignored."""
_MAX_BYTES = 10_000


class LiveFile:
    """The newest :class:`StepDone`, in a file next to the catalog. Losing the file does no harm.

    The engine's thread writes and clears it; the queue observer reads it, under its lock.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / NAME
        self._written = 0.0
        self._read_from = 0

    def write(self, event: Event) -> None:
        """Write ``event`` if it is a step and the last write is long enough ago."""
        now = time.monotonic()
        if not isinstance(event, StepDone) or now - self._written < INTERVAL:
            return
        self._written = now
        temporary = self._path.with_name(TEMPORARY.replace("*", f"live-{os.getpid()}"))
        with suppress(OSError):  # nothing depends on this file
            temporary.write_text(json.dumps(asdict(event)), encoding="utf-8")
            temporary.replace(self._path)

    def clear(self) -> None:
        """Remove the file, because no job is running."""
        self._written = 0.0
        with suppress(OSError):
            self._path.unlink()

    def read(self) -> StepDone | None:
        """The step that another process wrote, if it was not read before."""
        try:
            status = self._path.stat()
            fresh = time.time() - status.st_mtime < STALE_SECONDS
            if status.st_mtime_ns == self._read_from or status.st_size > _MAX_BYTES or not fresh:
                return None
            self._read_from = status.st_mtime_ns
            return StepDone(**json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
