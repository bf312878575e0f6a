"""Decisions made in the preview: stored off the UI thread, shown once they are on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from xray_tui.dataset.opinions import Decision, Opinion
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.text import step_text
from xray_tui.tui.jobs.image_requests import ImageRequests
from xray_tui.tui.widgets.reject_reasons import RejectReasons
from xray_tui.tui.workbench.in_order import InOrder
from xray_tui.tui.workbench.stage import Stage

_GONE = "This image is no longer in the dataset, so no decision was stored"


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
        self.requests = ImageRequests(desk.steps)
        """Images asked for in preview and review."""

    def read(self, records: Iterable[Record]) -> dict[int, Opinion]:
        """The reviewer's own opinions of ``records``, by record id."""
        rows = self._desk.index.rows([record.id for record in records])
        return {row.record_id: row.opinion for row in rows}

    @property
    def counts_only(self) -> str | None:
        """Whose images may be counted as accepted: None for those of all reviewers."""
        return self._desk.reviewer if self._desk.hide_votes else None

    def decide(self, record: Record, decision: Decision, refresh: Callable[[], object]) -> None:
        """Store a decision; this writes to disk, so it is done off the UI thread.

        If the image was purged meanwhile, say so, and ``refresh`` what is shown.
        """

        def work() -> None:
            if self._exists(record):
                self._store(record, decision)
                return
            self._stage.from_thread(self.reasons.close)
            self._stage.from_thread(self._stage.announce, "warning", _GONE)
            self._stage.from_thread(refresh)

        self.in_order(work)
        if decision == "rejected":
            self.reasons.offer([record.id])

    def _toggle_reason(self, images: Sequence[int], reason: str) -> None:
        def work() -> None:
            if self._desk.index.rows(images):  # otherwise the rejection said that it is gone
                self._desk.toggle_reason(images, reason)
                self._stage.from_thread(self.reasons.note, reason)

        self.in_order(work)

    def undo(self, refresh: Callable[[], object], *, undo: bool) -> None:
        """Undo the last decision or request for images, or redo it; ``refresh`` shows changes."""

        def work() -> None:
            step = self.requests.next_to_undo() if undo else self.requests.next_to_redo()
            if step is not None:
                self._stage.from_thread(step.undo if undo else step.redo)
                return
            if warning := self.requests.warning(undo=undo):
                self._stage.from_thread(self._stage.announce, "warning", warning)
                return
            title = self._desk.undo() if undo else self._desk.redo()
            text = step_text(title, undo=undo)
            self._stage.from_thread(self._stage.announce, "info", text)
            if title:
                self._stage.from_thread(refresh)

        self.in_order(work)

    def in_order(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread, after earlier decisions are stored and before later ones."""
        self._order.do(work)

    def _exists(self, record: Record) -> bool:
        return bool(self._desk.index.rows([record.id]))

    def _store(self, record: Record, decision: Decision) -> None:
        before, _ = self._verdict_and_opinion(record)
        self._desk.set_decision([record.id], decision)
        after, opinion = self._verdict_and_opinion(record)
        change = int(after == "accepted") - int(before == "accepted")
        self._stage.from_thread(self._show, record, opinion, change)

    def _verdict_and_opinion(self, record: Record) -> tuple[Decision, Opinion]:
        rows = self._desk.index.rows([record.id])
        return (rows[0].verdict, rows[0].opinion) if rows else ("undecided", Opinion())

    def _show(self, record: Record, opinion: Opinion, change: int) -> None:
        self._stage.preview.show_opinions({record.id: opinion})
        if change:
            self._on_accepted(record.task.prompt_id, change)
