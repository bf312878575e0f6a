"""Work that the review does in the background: it examines images, and looks for foreign files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread

from xray_tui.commands import command
from xray_tui.dataset.repair.foreign_files import find_foreign_files
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import DatasetError
from xray_tui.text import counted
from xray_tui.tui.review.stage import ReviewStage

_NAMED = 3
"""Foreign files that are listed by name."""
_reported: set[tuple[Path, tuple[str, ...]]] = set()
"""Foreign files already reported, by dataset, so that reopening the review does not repeat it."""


class BackgroundChecks:
    """Examines images that have not been examined yet, and reports foreign files among them.

    ``finished`` is called in the UI thread when all images are examined.
    """

    def __init__(
        self, stage: ReviewStage, desk: ReviewDesk, finished: Callable[[], object]
    ) -> None:
        self._stage = stage
        self._root = desk.root
        self._finished = finished
        self._backfill = desk.backfill(self._note_progress, self._report)
        self._progress = (0, 0)

    def start(self) -> None:
        """Start to examine images."""
        self._backfill.start()

    def stop(self) -> None:
        """Stop after the image that is being examined."""
        self._backfill.stop()

    def progress(self) -> tuple[int, int]:
        """The number of images examined so far, and of those to examine when the review began."""
        return self._progress

    def look_again(self, record_id: int) -> bool:
        """Examine an image again; True if the result changed. May be called from any thread."""
        return self._backfill.examine_again(record_id)

    def look_for_foreign_files(self) -> None:
        """Search the dataset's folders, and report files that do not belong to it.

        In a daemon thread, so that a slow disk does not delay the exit.
        """
        Thread(target=self._find_foreign_files, name="foreign-files", daemon=True).start()

    def _note_progress(self, what: str, done: int, total: int) -> None:
        self._progress = (done, total)
        if done and done >= total:
            self._stage.from_thread(self._finished)

    def _report(self, error: DatasetError) -> None:
        self._stage.from_thread(self._stage.toast, str(error), "error")

    def _find_foreign_files(self) -> None:
        try:
            files = find_foreign_files(self._root)
        except DatasetError as error:
            self._report(error)
        else:
            if files:
                self._stage.from_thread(self._show_foreign_files, files)

    def _show_foreign_files(self, files: list[str]) -> None:
        if (self._root, tuple(files)) in _reported:
            return
        _reported.add((self._root, tuple(files)))
        names = ", ".join(files[:_NAMED]) + ", …" * (len(files) > _NAMED)
        do = "does" if len(files) == 1 else "do"
        self._stage.toast(
            f"{counted(len(files), 'file')} among the images {do} not belong to this dataset: "
            f"{names}; for details: {command('verify', dataset=self._root)}",
            "warning",
        )
