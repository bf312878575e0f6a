"""Examines images that were not examined when they were saved: old ones, and adopted ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.checks.examining import UNREADABLE, examine
from xray_tui.dataset.files.layout import is_missing
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import Examined
from xray_tui.errors import DatasetError

NOT_AN_IMAGE = Examined("", (UNREADABLE,))
"""Result for a file that is missing or cannot be shown as an image. Such files are examined again
each time, as they may have been repaired."""

_CHUNK = 32
"""Results stored in one transaction."""
_WAITING = "ifnull(phash, '') = '' AND record_id > ?"


class _FileRow(NamedTuple):
    record_id: int
    file: str


class _KnownRow(NamedTuple):
    record_id: int
    file: str
    phash: str | None
    checks: str


class Backfill:
    """Examines the remaining images of the dataset in ``root``, in its own thread.

    The thread works half of the time, so that the app stays responsive. It calls ``progress`` at
    the start and after each stored part, and ``failed`` if the catalog cannot be read or written,
    which ends it early. Neither may wait for a thread that calls :meth:`stop`.
    """

    def __init__(
        self,
        root: Path,
        database: Database,
        progress: ReportProgress,
        failed: Callable[[DatasetError], object],
    ) -> None:
        self._root = root
        self._database = database
        self._progress = progress
        self._failed = failed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backfill", daemon=True)

    def start(self) -> None:
        """Start the thread. May be called once per object."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current image, and return when the results so far are stored."""
        self._stopping.set()
        self.wait()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the thread to end, at most ``seconds``; returns whether it has ended."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def examine_again(self, record_id: int) -> bool:
        """Examine one image again, as its file may have been damaged or repaired since.

        Returns whether the result changed. Runs in the caller's thread, started or not.
        """
        try:
            return self._examine_again(record_id)
        except DatasetError as error:
            self._failed(error)
            return False

    def _examine_again(self, record_id: int) -> bool:
        for known in self._database.select(
            _KnownRow, "FROM images WHERE record_id = ?", (record_id,)
        ):
            examined = self._examine(record_id, known.file)
            if examined is not None and _columns(examined) != (known.phash, known.checks):
                return self._replace(known, examined)
        return False

    def _replace(self, known: _KnownRow, examined: Examined) -> bool:
        with self._database.transaction() as connection:
            # Nothing changes if another process has stored a result in the meantime.
            done = connection.execute(
                "UPDATE images SET phash = ?, checks = ?"
                " WHERE record_id = ? AND phash IS ? AND checks = ?",
                (*_columns(examined), known.record_id, known.phash, known.checks),
            )
        return bool(done.rowcount)

    def _run(self) -> None:
        try:
            self._examine_all()
        except DatasetError as error:
            self._failed(error)

    def _examine_all(self) -> None:
        (total,) = self._database.column(int, f"SELECT count(*) FROM images WHERE {_WAITING}", (0,))
        done = last = 0
        self._progress("examining images", done, total)
        while not self._stopping.is_set():
            part = self._database.select(
                _FileRow, f"FROM images WHERE {_WAITING} ORDER BY record_id LIMIT ?", (last, _CHUNK)
            )
            if not part:
                return
            self._store(self._examined(part))
            last = part[-1].record_id
            done += len(part)
            if not self._stopping.is_set():
                self._progress("examining images", done, max(done, total))

    def _examined(self, part: Iterable[_FileRow]) -> list[tuple[int, Examined]]:
        """The results for these records, up to :meth:`stop`."""
        found = []
        for record_id, file in part:
            began = time.perf_counter()
            examined = self._examine(record_id, file)
            if examined is not None:
                found.append((record_id, examined))
            if self._stopping.wait(time.perf_counter() - began):
                break
        return found

    def _examine(self, record_id: int, file: str) -> Examined | None:
        """The result for an image; None if it cannot be read now, but may be later."""
        from xray_tui.dataset.files.pixels import (  # imports Pillow
            UnreadableImageError,
            read_greyscale,
        )

        path = self._root / file
        try:
            return examine(read_greyscale(path))
        except UnreadableImageError:
            return NOT_AN_IMAGE
        except DatasetError:
            if not is_missing(path) or is_missing(self._root):
                return None
        (now,) = self._database.column(
            str, "SELECT ifnull(max(file), '') FROM images WHERE record_id = ?", (record_id,)
        )
        if now == file:
            return NOT_AN_IMAGE
        return self._examine(record_id, now) if now else None  # moved, or no longer recorded

    def _store(self, found: Iterable[tuple[int, Examined]]) -> None:
        """Store results, except for images that were saved and examined again in the meantime."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE images SET phash = ?, checks = ?"
                " WHERE record_id = ? AND ifnull(phash, '') = '' AND phash IS NOT ?",
                [(*_columns(examined), record_id, examined.phash) for record_id, examined in found],
            )


def _columns(examined: Examined) -> tuple[str, str]:
    """Hash and checks as the catalog stores them."""
    return examined.phash, " ".join(examined.checks)
