"""The process that downloads one model; :mod:`xray_tui.models.hub.download` starts and watches it.

It prints one JSON object per line: ``text``, ``done`` and ``total`` for progress, ``note`` for log
messages of the hub's client, and at the end ``path`` or ``problem``. It ends when its standard
input is closed, so that it never outlives the process that started it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.models.checkpoint import check_class
from xray_tui.models.headers import read_json
from xray_tui.models.hub.cache import repository
from xray_tui.models.hub.damaged import remove_damaged
from xray_tui.models.hub.errors import explain
from xray_tui.models.hub.files import INDEX, HubFile, choose_files

Send = Callable[..., None]
"""Sends one report, given as keywords: text, done and total; note; path; or problem."""

_REQUEST_SECONDS = 8
_PIECE = 1 << 20
"""Bytes per write. With the client's own 10 MB, a slow download would seem to be stuck."""
_REMOVE_PARTS = """
import pathlib, sys
for file in pathlib.Path(sys.argv[1]).glob("*.incomplete"):
    file.unlink(missing_ok=True)
"""
_SPARE = 50_000_000
"""Bytes left free on the disk."""


class _Reports(logging.Handler):
    """Writes the lines for the parent process; also handles log messages of the hub's client."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        # libraries may print: only reports go to the parent, other output to standard error
        self._file = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._writing = threading.Lock()

    def send(self, **values: Any) -> None:
        with self._writing, contextlib.suppress(OSError):
            self._file.write(json.dumps(values) + "\n")
            self._file.flush()

    def emit(self, record: logging.LogRecord) -> None:
        self.send(note=record.getMessage())


def main(model: str) -> None:
    """Download ``model`` and report the progress and the result."""
    reports = _Reports()
    threading.Thread(target=_exit_with_parent, args=(model,), daemon=True).start()
    from huggingface_hub import constants

    constants.DOWNLOAD_CHUNK_SIZE = _PIECE
    logging.getLogger("huggingface_hub").addHandler(reports)
    try:
        reports.send(path=str(fetch(model, reports.send)))
    except ModelError as error:
        reports.send(problem=str(error))


def fetch(model: str, send: Send) -> Path:
    """Download ``model`` into the hub's cache, in this process; returns the folder.

    Raises:
        ModelError: the model cannot be downloaded; the message says why.
    """
    from huggingface_hub import constants

    try:
        return _fetch(model, Path(constants.HF_HUB_CACHE), send)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(explain(error, model, constants.ENDPOINT)) from error


def _fetch(model: str, cache: Path, send: Send) -> Path:
    from huggingface_hub import HfApi, snapshot_download

    send(text="asking the hub", done=0, total=None)
    hub = HfApi()
    found = hub.model_info(model, revision="main", timeout=_REQUEST_SECONDS, files_metadata=True)
    files = choose_files(found.siblings or [])
    send(text="checking the model", done=0, total=None)
    with tempfile.TemporaryDirectory() as folder:
        index = hub.hf_hub_download(model, INDEX, revision=found.sha, local_dir=folder)
        check_class(Path(model), read_json(Path(index)))
    total = sum(file.size for file in files)
    cached = repository(cache, model)
    blobs = cached / "blobs"
    remove_damaged(
        cached,
        found.sha or "main",
        files,
        lambda name, done, size: send(text=f"checking {name}", done=done, total=size),
    )
    _check_free_space(cache, total - _on_disk(blobs, files))
    watcher = threading.Thread(target=_watch, args=(blobs, files, total, send), daemon=True)
    watcher.start()
    names = [file.name for file in files]
    # the index comes last: without it, an interrupted download does not count as a model
    snapshot_download(
        model, revision="main", allow_patterns=[name for name in names if name != INDEX]
    )
    return Path(snapshot_download(model, revision="main", allow_patterns=names))


def _check_free_space(cache: Path, needed: int) -> None:
    folder = next((path for path in (cache, *cache.parents) if path.exists()), None)
    if folder is None:
        return
    free = shutil.disk_usage(folder).free - _SPARE
    if needed > free:
        raise ModelError(
            f"{needed / 1e9:.1f} GB are needed, but only {max(free, 0) / 1e9:.1f} GB are free in "
            f"{folder}; free some space, or set HF_HOME to a folder on another disk"
        )


def _watch(blobs: Path, files: list[HubFile], total: int, send: Send) -> None:
    while True:
        send(text="downloading", done=_on_disk(blobs, files), total=total)
        time.sleep(0.3)


def _on_disk(blobs: Path, files: list[HubFile]) -> int:
    """Bytes of ``files`` on the disk, in complete and in partial files."""
    sizes: dict[str, int] = {}
    try:
        for entry in os.scandir(blobs):
            blob = entry.name.partition(".")[0]
            sizes[blob] = max(sizes.get(blob, 0), entry.stat().st_size)
    except OSError:  # does not exist yet, or was just renamed: counted the next time
        pass
    return sum(min(file.size, sizes.get(file.blob, 0)) for file in files)


def _exit_with_parent(model: str) -> None:
    """Wait for the end of standard input; then end at once and leave no partial file behind.

    The client has several threads, which would start the next file while one is removed. Replacing
    this process with another program ends them all; that program then removes the partial files.
    """
    sys.stdin.buffer.read()
    from huggingface_hub import constants

    blobs = repository(Path(constants.HF_HUB_CACHE), model) / "blobs"
    try:
        os.execv(sys.executable, [sys.executable, "-c", _REMOVE_PARTS, str(blobs)])
    finally:
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
