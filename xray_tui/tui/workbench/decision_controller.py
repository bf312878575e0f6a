"""Decisions made in the preview: stored off the UI thread, shown once they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.tui.widgets.reject_reasons import RejectReasons
from xray_tui.tui.workbench.in_order import InOrder
from xray_tui.tui.workbench.stage import Stage


class DecisionController:
    """Stores the user's decisions through ``desk``.

    ``on_accepted`` is called on the UI thread with the id of a prompt and the change in the number
    of its accepted images: +1 or -1.
    """

    def __init__(
        self, stage: Stage, desk: ReviewDesk, on_accepted: Callable[[str, int], object]
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._on_accepted = on_accepted
        self._order = InOrder(stage, "decisions")
        self.reasons = RejectReasons(stage.settings.reject_reasons, self._toggle_reason)
        """Offered after an image was rejected."""

    def read(self, records: Iterable[Record]) -> dict[int, Decision]:
        """The reviewer's own decisions on ``records``, by record id."""
        rows = self._desk.index.rows([record.id for record in records])
        return {row.record_id: row.opinion.decision for row in rows}

    def decide(self, record: Record, decision: Decision) -> None:
        """Store a decision; this writes to disk, so it is done off the UI thread."""
        self.in_order(lambda: self._store(record, decision))
        if decision == "rejected":
            self.reasons.offer([record.id])

    def _toggle_reason(self, images: Sequence[int], reason: str) -> None:
        def work() -> None:
            self._desk.toggle_reason(images, reason)
            self._stage.from_thread(self.reasons.note, reason)

        self.in_order(work)

    def undo(self, refresh: Callable[[], object], *, undo: bool) -> None:
        """Undo the reviewer's last step, or redo it; then ``refresh`` shows what changed."""

        def work() -> None:
            title = self._desk.undo() if undo else self._desk.redo()
            done, nothing = ("Undone", "undo") if undo else ("Redone", "redo")
            text = f"{done}: {title}" if title else f"Nothing to {nothing}"
            self._stage.from_thread(self._stage.announce, "info", text)
            if title:
                self._stage.from_thread(refresh)

        self.in_order(work)

    def in_order(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread, after earlier decisions are stored and before later ones."""
        self._order.do(work)

    def _store(self, record: Record, decision: Decision) -> None:
        before = self._verdict(record)
        self._desk.set_decision([record.id], decision)
        change = int(self._verdict(record) == "accepted") - int(before == "accepted")
        self._stage.from_thread(self._show, record, decision, change)

    def _verdict(self, record: Record) -> Decision:
        rows = self._desk.index.rows([record.id])
        return rows[0].verdict if rows else "undecided"

    def _show(self, record: Record, decision: Decision, change: int) -> None:
        self._stage.preview.show_decisions({record.id: decision})
        if change:
            self._on_accepted(record.task.prompt_id, change)
