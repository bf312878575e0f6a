"""A file that is read once and written in the background; errors with it never stop the app."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from xray_tui.dataset.files.atomic import write_whole
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.session.state import MAX_BYTES, State, read_state, state_bytes

S = TypeVar("S", bound=State)
_END_SECONDS = 1.0


class StateFile(Generic[S]):
    """The state at ``path``; None remembers nothing. ``value`` is that of the file, or the default.

    Only a change is written, and always the whole file: of two processes, the last change wins.
    A missing folder is created only if ``make_folder``. Not for several threads.
    """

    def __init__(self, kind: type[S], path: Path | None, *, make_folder: bool = False) -> None:
        self._path = path
        self._make_folder = make_folder
        self._waiting: S | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.problem = ""
        """Why the file was not read, for the log; empty if it was, or if there is none."""
        self.value = self._read(kind) or kind()

    def save(self, value: S) -> None:
        """Remember ``value``; returns at once."""
        if value == self.value:
            return
        self.value = value
        with self._lock:
            self._waiting = value
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_waiting, daemon=True)
                self._thread.start()

    def finish(self) -> None:
        """Wait until everything is written, but not longer than a second."""
        if (thread := self._thread) is not None:
            thread.join(_END_SECONDS)

    def _read(self, kind: type[S]) -> S | None:
        try:
            if self._path is None or not self._path.is_file():  # a pipe would never end
                return None
            with self._path.open("rb") as file:
                return read_state(kind, file.read(MAX_BYTES + 1))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self.problem = f"{clean(self._path or '')}: {why}; the app starts with its defaults"
        return None

    def _write_waiting(self) -> None:
        while True:
            with self._lock:
                value, self._waiting = self._waiting, None
                if value is None:
                    self._thread = None
                    return
            # A dataset on a read-only disk can be reviewed, and then nothing is remembered.
            with suppress(DatasetError, OSError, ValueError):
                if self._path is not None:
                    if self._make_folder:
                        self._path.parent.mkdir(parents=True, exist_ok=True)
                    write_whole(self._path, [state_bytes(value)], durable=False)
