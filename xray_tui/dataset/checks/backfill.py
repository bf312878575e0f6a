"""Examining the images that nobody examined when they were saved: old ones, and adopted ones."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.database_errors import is_missing
from xray_tui.dataset.checks.examining import UNREADABLE, examine
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import Examined
from xray_tui.errors import DatasetError

NO_PICTURE = Examined("", (UNREADABLE,))
"""Of a file that is gone or holds no picture. Such files are looked at again each time: they may
have been put right."""

_CHUNK = 32
"""Images stored at once."""
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
    """Examines what is left to examine in the dataset in ``root``, in a thread of its own.

    The thread works half of the time, so that the app stays quick. ``progress`` is called in it
    when it begins and after each stored part, ``failed`` when the catalog cannot be read or written
    and it ends early; neither may wait for a thread that calls :meth:`stop`.
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
        """Begin. Once: for another run, make another."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the image it is at; what was examined is stored. Waits for that."""
        self._stopping.set()
        self.wait()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended, and return whether it has; None waits as long as it takes."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def look_again(self, record_id: int) -> bool:
        """Examine an image whatever is known of it: its file was damaged since, or mended.

        Returns whether something new was found, and stored. In the caller's thread, whether or not
        this was started.
        """
        try:
            return self._look_again(record_id)
        except DatasetError as error:
            self._failed(error)
            return False

    def _look_again(self, record_id: int) -> bool:
        for known in self._database.select(
            _KnownRow, "FROM images WHERE record_id = ?", (record_id,)
        ):
            examined = self._examine(record_id, known.file)
            if examined is not None and _columns(examined) != (known.phash, known.checks):
                return self._replace(known, examined)
        return False

    def _replace(self, known: _KnownRow, examined: Examined) -> bool:
        with self._database.transaction() as connection:
            done = connection.execute(
                "UPDATE images SET phash = ?, checks = ?"
                " WHERE record_id = ? AND phash IS ? AND checks = ?",  # else others were faster
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
        """What is found in the images of these records, as far as it gets."""
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
        """What is found in an image; None where it cannot be read now, and may be another time."""
        from xray_tui.dataset.files.pixels import (  # and Pillow with it
            UnreadableImageError,
            read_greyscale,
        )

        path = self._root / file
        try:
            return examine(read_greyscale(path))
        except UnreadableImageError:
            return NO_PICTURE
        except DatasetError:
            if not is_missing(path) or is_missing(self._root):
                return None
        (now,) = self._database.column(
            str, "SELECT ifnull(max(file), '') FROM images WHERE record_id = ?", (record_id,)
        )
        if now == file:
            return NO_PICTURE
        return self._examine(record_id, now) if now else None  # it was moved, or there is none

    def _store(self, found: Iterable[tuple[int, Examined]]) -> None:
        """Store it, except where an image was saved anew meanwhile, and examined then."""
        with self._database.transaction() as connection:
            connection.executemany(
                "UPDATE images SET phash = ?, checks = ?"
                " WHERE record_id = ? AND ifnull(phash, '') = '' AND phash IS NOT ?",
                [(*_columns(examined), record_id, examined.phash) for record_id, examined in found],
            )


def _columns(examined: Examined) -> tuple[str, str]:
    """Hash and checks as the catalog has them."""
    return examined.phash, " ".join(examined.checks)
