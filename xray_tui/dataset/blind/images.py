"""The images that a session can select from, and their current paths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from xray_tui.commands import command
from xray_tui.dataset.blind.session import BlindItem, Session
from xray_tui.dataset.catalog.database import Database
from xray_tui.errors import DatasetError
from xray_tui.text import counted

_FILE = re.compile(r"(?P<region>[^/]+)/[^/]+/(?P<name>[^/]+_(?P<digits>[0-9a-f]{8})\.png)")


class _FileRow(NamedTuple):
    task_id: str
    file: str


class BlindImages:
    """The images of the dataset in ``root``. Usable from any thread.

    Every method raises what :class:`~xray_tui.dataset.catalog.database.Database` raises.
    """

    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self._database = database

    def items(self, record_ids: Sequence[int]) -> list[BlindItem]:
        """The images of ``record_ids`` that exist, for a session to select from."""
        source = "FROM images JOIN (SELECT id, task_id FROM records) ON id = record_id"
        return list(self._database.select_in(BlindItem, f"{source} WHERE record_id IN", record_ids))

    def paths(self, session: Session) -> list[Path]:
        """The current path of each image of ``session``, in order; the last known if it is missing.

        Raises:
            DatasetError: an earlier version created the session, and an image cannot be found.
        """
        older = [item.file for item in session.items if item.task_id == ""]
        moved = self._by_name(session.name, older) if older else self._by_task(session)
        return [self.root / moved.get(item.file, item.file) for item in session.items]

    def _by_task(self, session: Session) -> dict[str, str]:
        """The current file of each image, by the file in the session."""
        was = {item.task_id: item.file for item in session.items if item.task_id}
        found = self._database.select_in(_FileRow, "FROM records WHERE task_id IN", was)
        return {was[row.task_id]: row.file for row in found}

    def _by_name(self, name: str, files: Sequence[str]) -> dict[str, str]:
        """As :meth:`_by_task`, for a session that has no task ids."""
        found = {file: self._of_same_name(file) for file in files}
        moved = {file: now for file, now in found.items() if now is not None}
        if lost := len(found) - len(moved):
            raise DatasetError(self._cannot_be_found(name, lost, len(found)))
        return moved

    def _of_same_name(self, file: str) -> str | None:
        """The current file of the image that was at ``file``; relabelling keeps name and region.

        None if no image or more than one fits.
        """
        was = _FILE.fullmatch(file)
        if was is None:
            return None
        files = self._database.column(
            str,
            "SELECT file FROM records WHERE task_id BETWEEN ? AND ?",
            (was["digits"], was["digits"] + "g"),  # sorts after every hexadecimal digit
        )
        places = [place for text in files if (place := _FILE.fullmatch(text))]
        same = [
            place
            for place in places
            if place.group("region", "name") == was.group("region", "name")
        ]
        return same[0].string if len(same) == 1 else None

    def _cannot_be_found(self, name: str, lost: int, total: int) -> str:
        rebuild = command("rebuild", dataset=self.root)
        report = command("blind", "report", name, dataset=self.root)
        return (
            f"session {name} was created by an earlier version, which identified images by file "
            f"name, and {lost} of its {counted(total, 'synthetic image')} cannot be found. Start a "
            f"new session, or put the files back and run: {rebuild}. The answers so far: {report}"
        )
