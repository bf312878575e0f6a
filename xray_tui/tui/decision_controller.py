"""Decisions on images made in the preview: stored off the UI thread, shown once they are safe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xray_tui.dataset.catalog import Decision
from xray_tui.dataset.records import Record
from xray_tui.errors import DatasetError
from xray_tui.tui.widgets.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xray_tui.dataset.dataset import Dataset
    from xray_tui.tui.screens.workbench import WorkbenchScreen


class DecisionController:
    """Stores what the user of ``screen`` decides in ``dataset``."""

    def __init__(self, screen: WorkbenchScreen, dataset: Dataset) -> None:
        self._screen = screen
        self._dataset = dataset

    def read(self, records: Iterable[Record]) -> dict[int, Decision]:
        """The decisions there are on ``records``, by record id."""
        reviews = (self._dataset.catalog.review(record.id) for record in records)
        return {review.record_id: review.decision for review in reviews if review is not None}

    def decide(self, record: Record, decision: Decision) -> None:
        """Store a decision; it is written to disk, so not on the UI thread."""
        self._screen.run_worker(
            lambda: self._store(record, decision), thread=True, group="decisions", exclusive=False
        )

    def _store(self, record: Record, decision: Decision) -> None:
        before = self._dataset.catalog.review(record.id)
        try:
            self._dataset.decide(record, decision)
        except DatasetError as error:
            self._screen.from_thread(self._screen.tell, "error", str(error))
            return
        accepted = before is not None and before.decision == "accepted"
        change = int(decision == "accepted") - int(accepted)
        self._screen.from_thread(self._show, record, decision, change)

    def _show(self, record: Record, decision: Decision, change: int) -> None:
        self._screen.query_one(Preview).show_decisions({record.id: decision})
        if change:
            self._screen.library.count_accepted(record.task.prompt_id, change)
