"""One generator at a time for each dataset; the lock names who holds it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.atomic import explained
from xray_tui.dataset.layout import HOLDER, LOCK
from xray_tui.errors import DatasetError, DatasetLockedError
from xray_tui.text import clean

if TYPE_CHECKING:
    from filelock import BaseFileLock

POLL_SECONDS = 0.02


class GeneratorLock:
    """The generator lock of the dataset in ``root``; free as soon as its process ends.

    All threads that hold it through the same object share it. ``prepare`` runs each time it has
    been had from the system, before anyone is let in: no other process generates then.
    """

    def __init__(self, root: Path, prepare: Callable[[], None]) -> None:
        self._root = root
        self._prepare = prepare
        self._mutex = threading.Lock()
        self._holders = 0
        self._lock: BaseFileLock | None = None

    @contextmanager
    def held(self, wait: float) -> Iterator[None]:
        """Hold the lock; ``wait`` at most that many seconds for another process.

        Raises:
            DatasetLockedError: another process holds it; the message says which, and since when.
            DatasetError: the folder is not writable.
        """
        with self._mutex:
            if self._holders == 0:
                self._acquire(wait)
            self._holders += 1
        try:
            yield
        finally:
            with self._mutex:
                self._holders -= 1
                if self._holders == 0:
                    self._release()

    def _acquire(self, wait: float) -> None:
        from filelock import FileLock, Timeout

        path = self._root / LOCK
        with explained(path):
            path.touch()  # in a folder that is not writable the lock would only time out
            lock = FileLock(path, thread_local=False)
            try:
                lock.acquire(timeout=wait, poll_interval=POLL_SECONDS)
            except Timeout:
                raise DatasetLockedError(_who_holds(self._root)) from None
            except NotImplementedError as error:
                raise DatasetError(
                    f"{path}: this file system has no locks; choose another dataset folder"
                ) from error
        self._lock = lock
        try:
            self._name_holder()
            self._prepare()
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        assert self._lock is not None
        with suppress(OSError):
            (self._root / HOLDER).unlink()
        self._lock.release()
        self._lock = None

    def _name_holder(self) -> None:
        holder = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": datetime.now(UTC).isoformat("T", "seconds"),
        }
        path = self._root / HOLDER
        with explained(path):
            path.write_text(json.dumps(holder), encoding="utf-8")


def _who_holds(root: Path) -> str:
    try:
        holder = json.loads((root / HOLDER).read_text(encoding="utf-8"))
        who = f"process {holder['pid']} on {holder['host']} (since {holder['since']})"
    except (OSError, ValueError, LookupError, TypeError):
        who = "another process"
    return (
        f"{root}: {clean(who)} is generating into this dataset; wait for it, stop it, or choose "
        "another dataset folder"
    )
