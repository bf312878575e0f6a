"""Runs a change of opinion on the selected images and shows the result; undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.merging import MergeResult, remarks
from xray_tui.dataset.review.steps import Step
from xray_tui.dataset.trash.rows import Purge
from xray_tui.errors import XrayTuiError
from xray_tui.keymap import key_of
from xray_tui.text import UNCHANGED, counted, size_text, step_text
from xray_tui.tui.dialogs.entry import Report
from xray_tui.tui.dialogs.working import WorkingScreen
from xray_tui.tui.review.stage import ReviewStage
from xray_tui.tui.review.status.pace import Pace
from xray_tui.tui.widgets.reject_reasons import RejectReasons

NO_IMAGE = "No image selected"
MANY_OPINIONS = 3_000
"""More opinions than this take over a quarter of a second: they are stored off the UI thread."""
MANY_FILES = 6
"""The same limit for files to move."""

_Result = TypeVar("_Result")


class Judging:
    """Changes the selected images: those that are marked, or the current one."""

    def __init__(
        self, stage: ReviewStage, desk: ReviewDesk, reasons: Sequence[str], pace: Pace
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._pace = pace
        self.reasons = RejectReasons(reasons, self._toggle_reason)
        """Offered after images were rejected."""

    def read_pace(self) -> None:
        """Read how fast the reviewer was, also in earlier sessions, and show it."""

        def show(seconds: float | None) -> None:
            self._pace.earlier = seconds
            self._stage.show_status()

        self._stage.load(self._desk.index.seconds_per_image, show, "pace")

    def decide(self, decision: Decision, advance: Callable[[], bool]) -> None:
        """Store ``decision`` as :meth:`judge` does; after a rejection, offer reasons for it."""

        def after(images: list[int]) -> None:
            self._stage.views.flash(images, decision)
            if decision != "undecided":
                self._pace.note()
            if decision == "rejected":
                self.reasons.offer(images)

        self.judge(lambda ids: self._desk.set_decision(ids, decision), advance, after)

    def judge(
        self,
        change: Callable[[list[int]], object],
        advance: Callable[[], bool] = lambda: False,
        after: Callable[[list[int]], object] = lambda _: None,
        report: Report | None = None,
    ) -> None:
        """Call ``change`` with the selected records, and show the result.

        If only the current image was changed, ``advance`` is called to move to the next one; it
        returns False at the last image. Last of all, ``after`` is called with the records.
        ``report`` gets the outcome; without it, an error is shown in a toast.
        """
        targets = self._stage.views.targets
        if not targets:
            self._stage.toast(NO_IMAGE)
            return

        def done(_: object) -> None:
            alone = len(targets) == 1 and self._stage.views.current != "compare"
            if alone and advance():
                self._stage.views.gallery.refresh_rows(targets)  # ``advance`` showed the next
                self._stage.count_soon()
            else:
                self._stage.changed(targets)
            after(targets)

        title = f"Judging {counted(len(targets), 'image')}"
        many = len(targets) > MANY_OPINIONS
        self._run(title, lambda _: change(targets), done, targets, many=many, report=report)

    def _toggle_reason(self, images: Sequence[int], reason: str) -> None:
        def done(_: object) -> None:
            self._stage.changed(images)
            self.reasons.note(reason)

        self._run(
            f"Tagging {counted(len(images), 'image')}",
            lambda _: self._desk.toggle_reason(images, reason),
            done,
            images,
            many=len(images) > MANY_OPINIONS,
        )

    def relabel(self, label: str, report: Report) -> None:
        """Move the selected images to another label; ``report`` gets the outcome."""
        targets = self._stage.views.targets
        self._run(
            f"Moving {counted(len(targets), 'image')} to {label}",
            lambda progress: self._desk.relabel(targets, label, progress),
            lambda _: self._stage.changed(targets),
            targets,
            many=len(targets) > MANY_FILES,
            report=report,
        )

    def merge(self, path: Path, report: Report) -> None:
        """Merge the reviews at ``path`` into the dataset; ``report`` gets the outcome."""

        def done(results: list[MergeResult]) -> None:
            self._stage.toast(merged_text(results))
            self._stage.list_again(self._stage.views.gallery.cursor_id or 0)

        self._run(
            "Merging reviews",
            lambda progress: self._desk.merge(path, progress),
            done,
            [],
            many=True,
            report=report,
        )

    def purge(self, rejected: int, selected: int) -> None:
        """Move the images that the dataset rejects, about ``rejected``, to the trash.

        ``selected`` is the record under the cursor.
        """

        def done(purge: Purge) -> None:
            gallery = self._stage.views.gallery
            left = self._desk.index.rows(sorted(gallery.marked | gallery.hidden_marks))
            gallery.mark_only(frozenset(row.record_id for row in left))
            images, size = counted(purge.images, "image"), size_text(purge.bytes)
            self._stage.toast(
                f"Moved to the trash: {images}, {size}. Press {key_of('undo')} to restore them."
            )
            self._stage.list_again(selected)

        title = f"Moving {counted(rejected, 'image')} to the trash"
        many = rejected > MANY_FILES
        self._run(title, self._desk.purging.purge, done, [], many=many)

    def undo(self) -> None:
        """Undo the last step, or queueing images, whichever came last.

        A step of another window is named first; the next call undoes it.

        Raises:
            XrayTuiError: the step cannot be read, or the images are not queued yet.
        """
        queued = self._stage.host.requests.next_to_undo()
        if queued is not None:
            queued.undo()
            return
        step = self._desk.next_undo()
        if step is None:
            self._stage.toast(step_text("", undo=True))
        elif warning := self._stage.host.requests.warning(undo=True):
            self._stage.toast(warning, "warning")
        else:
            self._run_step(step, self._desk.undo, undo=True)

    def redo(self) -> None:
        """Redo the step that was undone last.

        Raises:
            XrayTuiError: the step cannot be read.
        """
        queued = self._stage.host.requests.next_to_redo()
        if queued is not None:
            queued.redo()
            return
        step = self._desk.next_redo()
        if step is None:
            self._stage.toast(step_text("", undo=False))
        elif warning := self._stage.host.requests.warning(undo=False):
            self._stage.toast(warning, "warning")
        else:
            self._run_step(step, self._desk.redo, undo=False)

    def _run_step(self, step: Step, work: Callable[[ReportProgress], str], *, undo: bool) -> None:
        """Undo or redo ``step`` by calling ``work``, then move to the first image it changed."""
        records = step.records

        def show(title: str) -> None:
            done = step_text(title, undo=undo)
            if undo and step.decides:
                self._pace.take_back()
                self.read_pace()
            if step.purged:
                self._stage.toast(done)
                self._stage.list_again(records[0])
                return
            shown = any(map(self._stage.views.gallery.move_to, records[:1]))
            known = shown or title.endswith(UNCHANGED)
            self._stage.toast(f"{done}{'' if known else ' (not in this list)'}")
            self._stage.changed(records)

        files = len(step.moves) + (len(step.purged.record_ids) if step.purged else 0)
        many = files > MANY_FILES or len(step.changes) > MANY_OPINIONS
        doing = "Undoing" if undo else "Redoing"
        self._run(f"{doing}: {step.title}", work, show, records, many=many)

    def _run(
        self,
        title: str,
        work: Callable[[ReportProgress], _Result],
        done: Callable[[_Result], object],
        records: Sequence[int],
        *,
        many: bool,
        report: Report | None = None,
    ) -> None:
        """Call ``work``, which changes ``records``, before the next key is handled.

        If there are ``many`` changes, ``work`` runs in a thread while a dialog shows ``title``.
        """

        def finished(outcome: _Result | XrayTuiError | None) -> None:
            if isinstance(outcome, XrayTuiError):
                self._stage.changed(records)
                if report is None:
                    self._stage.toast(str(outcome), "error")
                else:
                    report(str(outcome))
            elif outcome is not None:
                succeeded(outcome)

        def succeeded(outcome: _Result) -> None:
            done(outcome)
            if report is not None:
                report("")

        if many:
            self._stage.ask(WorkingScreen(title, work), finished)
            return
        try:
            outcome = work(no_progress)
        except XrayTuiError as error:
            finished(error)
        else:
            succeeded(outcome)


def merged_text(results: Sequence[MergeResult]) -> str:
    """What was merged, and what was not, as ``xray-tui reviews merge`` says it."""
    taken = sum(result.taken for result in results)
    known = sum(result.known for result in results)
    facts = [f"Merged {counted(taken, 'review')}, {known:,} already known", *remarks(results)]
    if taken:
        facts.append(f"{key_of('undo')} does not undo this")
    return ". ".join(facts)
