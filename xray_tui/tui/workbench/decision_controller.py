"""Decisions on images made in the preview: stored off the UI thread, shown once they are safe."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.records import Record
from xray_tui.errors import DatasetError
from xray_tui.tui.workbench.preview import Preview

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from xray_tui.dataset.review.desk import ReviewDesk
    from xray_tui.tui.workbench.screen import WorkbenchScreen


class DecisionController:
    """Stores what the user of ``screen`` decides, at their ``desk``."""

    def __init__(self, screen: WorkbenchScreen, desk: ReviewDesk) -> None:
        self._screen = screen
        self._desk = desk
        self._waiting: deque[Callable[[], object]] = deque()
        self._turn = threading.Lock()

    def read(self, records: Iterable[Record]) -> dict[int, Decision]:
        """The decisions there are on ``records``, by record id."""
        rows = self._desk.index.rows([record.id for record in records])
        return {row.record_id: row.opinion.decision for row in rows}

    def decide(self, record: Record, decision: Decision) -> None:
        """Store a decision; it is written to disk, so not on the UI thread."""
        self.in_turn(lambda: self._store(record, decision))

    def in_turn(self, work: Callable[[], object]) -> None:
        """Do ``work`` in a thread, after all that was decided before and before what is decided
        later. A DatasetError is told."""
        self._waiting.append(work)
        self._screen.run_worker(self._do_next, thread=True, group="decisions", exclusive=False)

    def _do_next(self) -> None:
        with self._turn:  # threads may come here in any order
            work = self._waiting.popleft()
            try:
                work()
            except DatasetError as error:
                self._screen.from_thread(self._screen.announce, "error", str(error))

    def _store(self, record: Record, decision: Decision) -> None:
        before = self._verdict(record)
        self._desk.set_decision([record.id], decision)
        change = int(self._verdict(record) == "accepted") - int(before == "accepted")
        self._screen.from_thread(self._show, record, decision, change)

    def _verdict(self, record: Record) -> Decision:
        rows = self._desk.index.rows([record.id])
        return rows[0].verdict if rows else "undecided"

    def _show(self, record: Record, decision: Decision, change: int) -> None:
        self._screen.query_one(Preview).show_decisions({record.id: decision})
        if change:
            self._screen.library.count_accepted(record.task.prompt_id, change)
