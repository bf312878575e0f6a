"""One generator at a time for each dataset; the lock names who holds it."""

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

POLL_SECONDS = 0.02


class GeneratorLock:
    """The generator lock of the dataset in ``root``; free as soon as its process ends.

    All threads that hold it through the same object share it. ``prepare`` runs each time it has
    been had from the system, before anyone is let in: no other process generates then. It is told
    whether the last holder went without giving the lock back.

    A shared folder may not carry locks from host to host, so a holder on another host is believed
    to be there until ``steal`` says otherwise. Who ``only_looks`` is no generator, and is not named
    as the holder.
    """

    def __init__(
        self,
        root: Path,
        prepare: Callable[[bool], None],
        *,
        steal: bool = False,
        only_looks: bool = False,
    ) -> None:
        self._root = root
        self._prepare = prepare
        self._steal = steal
        self._only_looks = only_looks
        self._mutex = threading.Lock()
        self._holders = 0
        self._lock: BaseFileLock | None = None
        self._named: Holder | None = None

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

    def other_holder(self) -> Holder | None:
        """Who else holds it; None where nobody does, or this object."""
        found = lock_holder.read(self._root / HOLDER)
        if found is None or found == self._named or not found.is_alive:
            return None
        return found

    def check_mine(self) -> None:
        """Make sure that nobody has taken the lock over from another host.

        Raises:
            DatasetLockedError: somebody has; the message says who.
        """
        other = self.other_holder()
        if other is not None:
            raise DatasetLockedError(
                f"{self._root}: {other} has taken this dataset over; nothing more is saved here"
            )

    def _acquire(self, wait: float) -> None:
        self._lock = _from_system(self._root, wait)
        try:
            left_behind = self._take_over()
            self._prepare(left_behind)
        except BaseException:
            self._release()
            raise

    def _take_over(self) -> bool:
        """Name this process as the holder; returns whether an earlier one was still named."""
        path = self._root / HOLDER
        before = lock_holder.read(path)
        left_behind = path.exists()
        if before is not None and not before.is_this_process and before.is_alive:
            if not self._steal:
                raise DatasetLockedError(
                    f"{self._root}: {before} is generating into this dataset, or stopped without "
                    "a word; if it is gone, take the dataset over with --steal-lock"
                )
            self._steal = False  # once: who steals it back is believed to be there again
        if not self._only_looks:
            mine = lock_holder.this_process()
            lock_holder.write(path, mine)
            self._named = mine
        return left_behind

    def _release(self) -> None:
        assert self._lock is not None
        if self._named is not None and lock_holder.read(self._root / HOLDER) == self._named:
            with suppress(OSError):
                (self._root / HOLDER).unlink()
        self._named = None
        self._lock.release()
        self._lock = None


def _from_system(root: Path, wait: float) -> BaseFileLock:
    from filelock import FileLock, Timeout

    path = root / LOCK
    with explained(path):
        path.touch()  # in a folder that is not writable the lock would only time out
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=wait, poll_interval=POLL_SECONDS)
        except Timeout:
            raise DatasetLockedError(_who_holds(root)) from None
        except NotImplementedError as error:
            raise DatasetError(
                f"{path}: this file system has no locks; choose another dataset folder"
            ) from error
    return lock


def _who_holds(root: Path) -> str:
    found = lock_holder.read(root / HOLDER)
    does = (
        f"{found} is generating into this dataset"
        if found is not None and found.is_alive
        else "another process checks this dataset, or begins to generate into it"
    )
    return f"{root}: {does}; wait for it, stop it, or choose another dataset folder"
