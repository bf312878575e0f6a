"""One generator at a time per dataset; the lock names the process that holds it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset import lock_holder
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.layout import HOLDER, LOCK
from xray_tui.dataset.lock_holder import Holder
from xray_tui.errors import DatasetError, DatasetLockedError

if TYPE_CHECKING:
    from filelock import BaseFileLock

TIMEOUT = 1.0
"""Seconds to wait for the lock, which other processes hold briefly while opening the dataset."""
_POLL_SECONDS = 0.02


class GeneratorLock:
    """The generator lock of the dataset in ``root``; released when its process ends.

    Threads that hold it through the same object share it. ``prepare`` runs each time the lock is
    acquired from the system, before :meth:`held` returns, while no other process can generate. Its
    argument says whether the last holder ended without releasing the lock.

    Locks may not work across hosts that share a folder, so a holder on another host counts as alive
    unless ``steal`` is set. With ``read_only`` the process generates nothing, and is not named as
    the holder.
    """

    def __init__(
        self,
        root: Path,
        prepare: Callable[[bool], None] | None = None,
        *,
        steal: bool = False,
        read_only: bool = False,
    ) -> None:
        self._root = root
        self._prepare = prepare
        self._steal = steal
        self._read_only = read_only
        self._mutex = threading.Lock()
        self._holders = 0
        self._lock: BaseFileLock | None = None
        self._own_entry: Holder | None = None

    @contextmanager
    def held(self, wait: float | None = None, *, leaves_jobs: bool = False) -> Iterator[None]:
        """Hold the lock, after waiting at most ``wait`` seconds (:data:`TIMEOUT` if None).

        With ``leaves_jobs``, other processes see that this one does not run all queued jobs.

        Raises:
            DatasetLockedError: another process holds it; the message says which, and since when.
            DatasetError: the folder is not writable.
        """
        with self._mutex:
            if self._holders == 0:
                self._acquire(TIMEOUT if wait is None else wait, leaves_jobs)
            self._holders += 1
        try:
            yield
        finally:
            with self._mutex:
                self._holders -= 1
                if self._holders == 0:
                    self._release()

    def other_holder(self) -> Holder | None:
        """The other process that holds the lock, or None."""
        found = lock_holder.read(self._root / HOLDER)
        if found is None or found == self._own_entry or not found.is_alive:
            return None
        return found

    def check_not_taken_over(self) -> None:
        """Check that no process on another host has taken the lock over.

        Raises:
            DatasetLockedError: one has; the message says which.
        """
        other = self.other_holder()
        if other is not None:
            raise DatasetLockedError(
                f"{self._root}: {other} has taken over this dataset; nothing more is saved here"
            )

    def _acquire(self, wait: float, leaves_jobs: bool) -> None:
        self._lock = _from_system(self._root, wait)
        try:
            crashed = self._name_holder(leaves_jobs)
            if self._prepare is not None:
                self._prepare(crashed)
        except BaseException:
            self._release()
            raise

    def _name_holder(self, leaves_jobs: bool) -> bool:
        """Name this process as the holder; returns whether an earlier holder was still named."""
        path = self._root / HOLDER
        before = lock_holder.read(path)
        crashed = path.exists()
        if before is not None and not before.is_this_process and before.is_alive:
            if not self._steal:
                raise DatasetLockedError(
                    f"{self._root}: {before} is generating into this dataset, or ended without "
                    "releasing the lock; if it has ended, take over with --steal-lock"
                )
            self._steal = False  # only once: a holder that takes the lock back is alive
        if not self._read_only:
            mine = lock_holder.this_process(leaves_jobs=leaves_jobs)
            lock_holder.write(path, mine)
            self._own_entry = mine
        return crashed

    def _release(self) -> None:
        assert self._lock is not None
        if self._own_entry is not None and lock_holder.read(self._root / HOLDER) == self._own_entry:
            with suppress(OSError):
                (self._root / HOLDER).unlink()
        self._own_entry = None
        self._lock.release()
        self._lock = None


def _from_system(root: Path, wait: float) -> BaseFileLock:
    from filelock import FileLock, Timeout

    path = root / LOCK
    with explained(path):
        path.touch()  # otherwise the lock would time out in a read-only folder
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=wait, poll_interval=_POLL_SECONDS)
        except Timeout:
            raise DatasetLockedError(_locked_message(root)) from None
        except NotImplementedError as error:
            raise DatasetError(
                f"{path}: this file system does not support locks; choose another dataset folder"
            ) from error
    return lock


def _locked_message(root: Path) -> str:
    found = lock_holder.read(root / HOLDER)
    doing = (
        f"{found} is generating into this dataset"
        if found is not None and found.is_alive
        else "another process is checking this dataset, or starting to generate into it"
    )
    return f"{root}: {doing}; wait for it, stop it, or choose another dataset folder"
