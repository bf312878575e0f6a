"""Downloads a model from the hub, in a child process that can be stopped at any time."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal

from xray_tui.errors import ModelError
from xray_tui.models.checkpoint import inspect_folder
from xray_tui.models.hub.cache import check_hub_id
from xray_tui.models.hub.errors import WHEN_OFFLINE
from xray_tui.text import clean, clipped

DownloadProgress = Callable[[str, int, int | None], None]
"""Called with the current step, the bytes on disk, and the total (None if it is unknown)."""

Waiting = Literal["start", "answer", "bytes"]

_SECONDS: dict[Waiting, float] = {
    "start": 60,  # the child imports the hub's client, perhaps from a slow and cold disk
    "answer": 10,
    "bytes": 60,
}
"""Seconds to wait in each phase without any change."""
_END_SECONDS = 5.0
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_SWITCHED_OFF = ("HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_TELEMETRY")
"""Telemetry also asks the hub for a list before the first real request, which costs seconds."""


def download(model: str, progress: DownloadProgress) -> Path:
    """Download the newest revision of the hub model ``model`` into the hub's cache.

    Only safetensors weights, configurations and the tokenizer are downloaded, and only files that
    are missing or damaged. Returns the folder.

    Raises:
        ModelError: the download failed; the message says why and what to do.
    """
    check_hub_id(model)
    try:
        with _Child(model) as child:
            path = _follow(child, progress)
        inspect_folder(path)
    except KeyboardInterrupt:
        raise ModelError(
            f"model {model}: download stopped; run it again to continue (complete files are kept)"
        ) from None
    except ModelError as error:
        raise ModelError(f"model {model}: {error}") from error
    return path


class _Child:
    """The process that downloads; leaving the ``with`` block ends it."""

    def __init__(self, model: str) -> None:
        self.lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        environment = {key: value for key, value in os.environ.items() if key not in _OFFLINE}
        # with xet, progress cannot be seen; with plain HTTP the files grow as bytes arrive
        environment |= dict.fromkeys(_SWITCHED_OFF, "1")
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "xray_tui.models.hub.download_child", model],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches this process only, which ends the child
            )
        except OSError as error:
            self._errors.close()
            raise ModelError(f"the download cannot be started ({error.strerror})") from error
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                self.lines.put(json.loads(line))
            except ValueError:
                continue
        self.lines.put(None)

    def last_error_line(self) -> str:
        """The last line on the child's standard error, or its exit code if it wrote nothing."""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return clipped(lines[-1], 300) if lines else f"exit code {self.process.wait()}"

    def __enter__(self) -> _Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.close()  # asks the child to end and to remove its unfinished files
            self.process.wait(_END_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            pass
        finally:
            self.process.kill()
            self.process.wait()
            self._errors.close()


def _follow(child: _Child, progress: DownloadProgress) -> Path:
    """Forward the child's progress until it ends; give up if nothing changes for too long."""
    note, state = "", ("", 0)
    waiting: Waiting = "start"
    since = time.monotonic()
    while True:
        try:
            left = since + _SECONDS[waiting] - time.monotonic()
            line = child.lines.get(timeout=max(0.0, left))
        except queue.Empty:
            raise ModelError(_too_slow(waiting, note)) from None
        if line is None:
            raise ModelError(f"the download ended unexpectedly: {child.last_error_line()}")
        if "path" in line:
            return Path(line["path"])
        if "problem" in line:
            raise ModelError(clean(line["problem"]))
        if "note" in line:
            note = clipped(line["note"], 200)
            continue
        text, done, total = clean(line["text"]), int(line["done"]), line["total"]
        if (text, done) != state:
            state, since = (text, done), time.monotonic()
            waiting = "answer" if total is None else "bytes"
        progress(text, done, total)


def _too_slow(waiting: Waiting, note: str) -> str:
    seconds = f"{_SECONDS[waiting]:.0f} seconds"
    last = f" (last: {note})" if note else ""
    if waiting == "start":
        return f"the hub's client did not start within {seconds}; try again"
    if waiting == "answer":
        return f"the hub did not answer within {seconds}{last}; {WHEN_OFFLINE}"
    return f"no data arrived from the hub for {seconds}{last}; run it again to continue"
