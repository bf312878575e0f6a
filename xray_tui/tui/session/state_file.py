"""A file that is read once and changed in the background; errors with it never stop the app."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, TypeVar

from xray_tui.dataset.files.atomic import write_whole
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.session.merging import merged
from xray_tui.tui.session.state import MAX_BYTES, State, read_state, state_bytes

S = TypeVar("S", bound=State)
_END_SECONDS = 1.0


class StateFile(Generic[S]):
    """The state at ``path``; None remembers nothing. ``value`` is that of the file, or the default.

    Several processes may use the file: each change is made in what the file holds by then, so that
    a process replaces only what it changes. A missing folder is created only if
    ``make_folder``. Not for several threads.
    """

    def __init__(self, kind: type[S], path: Path | None, *, make_folder: bool = False) -> None:
        self._kind = kind
        self._path = path
        self._make_folder = make_folder
        self._waiting: list[Callable[[S], S]] = []
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why the file was not read, for the log; empty if it was, or if there is none."""
        self.value = self._read_at_start()
        self._written = self.value

    def set(self, **fields: object) -> None:
        """Remember the values of these fields; returns at once.

        Only what they change in what this process read or wrote is changed in the file.
        """
        known = self._written
        self.value = self.value.model_copy(update=fields)
        self._written = after = known.model_copy(update=fields)
        self._write_soon(known, lambda state: merged(state, known, after))

    def change(self, change: Callable[[S], S]) -> None:
        """Remember ``change``, which leaves the fields of others as they are; returns at once.

        It is called in another thread, too.
        """
        known = self._written
        self.value, self._written = change(self.value), change(known)
        self._write_soon(known, change)

    def use_defaults(self) -> None:
        """Continue with the default; the file keeps each field until this process changes it."""
        self.value = self._kind()

    def finish(self) -> None:
        """Wait until everything is written, but not longer than a second."""
        if (thread := self._thread) is not None:
            thread.join(_END_SECONDS)

    def _write_soon(self, known: S, change: Callable[[S], S]) -> None:
        """Make ``change`` in the file, unless it changes nothing that was ``known`` before."""
        if self._written == known:
            return
        with self._lock:
            self._waiting.append(change)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_waiting, daemon=True)
                self._thread.start()

    def _read_at_start(self) -> S:
        try:
            return self._read()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self.problem = f"{clean(self._path or '')}: {why}; the app starts with its defaults"
        return self._kind()

    def _read(self) -> S:
        if self._path is None or not self._path.is_file():  # a pipe would never end
            return self._kind()
        with self._path.open("rb") as file:
            return read_state(self._kind, file.read(MAX_BYTES + 1))

    def _write_waiting(self) -> None:
        while True:
            with self._lock:
                changes, self._waiting = self._waiting, []
                if not changes:
                    self._thread = None
                    return
            # A dataset on a read-only disk can be reviewed, and then nothing is remembered.
            with suppress(DatasetError, OSError, ValueError):
                if self._path is not None:
                    if self._make_folder:
                        self._path.parent.mkdir(parents=True, exist_ok=True)
                    self._write(self._path, changes)

    def _write(self, path: Path, changes: list[Callable[[S], S]]) -> None:
        with _locked(path.parent):
            state = self._kind()
            with suppress(OSError, ValueError):  # a damaged file is replaced
                state = self._read()
            for change in changes:
                state = change(state)
            write_whole(path, [state_bytes(state)], durable=False)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock out other processes that change files of ``folder``, where its disk has locks.

    Raises:
        OSError: the folder cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY)  # not the file, which each change replaces
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
