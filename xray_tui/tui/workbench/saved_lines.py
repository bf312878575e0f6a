"""The log's lines about saved images: one for a batch, instead of one for each image."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from xray_tui.dataset.records import Record
from xray_tui.text import counted
from xray_tui.tui.workbench.stage import Stage

TICK_SECONDS = 1.0
MOST_IMAGES = 50
"""When this many images wait, they are logged even if more come."""


class SavedLines:
    """Logs saved images on ``stage`` once no more come; each file is a debug line of its own."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._waiting: list[Record] = []
        self._new = False

    def start(self) -> None:
        """Begin to look for images to log."""
        self._stage.every(TICK_SECONDS, self.tick)

    def add(self, record: Record) -> None:
        """Note an image that was just saved."""
        self._stage.log_line("debug", f"Saved {record.file}")
        self._waiting.append(record)
        self._new = True

    def tick(self) -> None:
        """Log the images that wait, unless more of their batch seem to come."""
        if self._waiting and (not self._new or len(self._waiting) >= MOST_IMAGES):
            self._stage.log_line("info", saved_line(self._waiting))
            self._waiting = []
        self._new = False


def saved_line(records: Sequence[Record]) -> str:
    """``Saved 4 images in chest/effusion``; of one image, its file."""
    if len(records) == 1:
        return f"Saved {records[0].file}"
    folders = list(dict.fromkeys(str(PurePosixPath(record.file).parent) for record in records))
    more = f" and {counted(len(folders) - 1, 'other folder')}" if len(folders) > 1 else ""
    return f"Saved {counted(len(records), 'image')} in {folders[0]}{more}"
