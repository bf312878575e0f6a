"""What the keys of the review do to images, and what the user sees of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.history import Step
from xray_tui.errors import XrayTuiError
from xray_tui.text import counted
from xray_tui.tui.dialogs.working import WorkingScreen

if TYPE_CHECKING:
    from xray_tui.tui.review.screen import ReviewScreen

NO_IMAGE = "there is no image to decide on"
MANY_OPINIONS = 3_000
"""So many are stored in about a quarter of a second; more are not in the UI thread."""
MANY_FILES = 6
"""As ``MANY_OPINIONS``: files to move."""

_Result = TypeVar("_Result")


class ReviewActs:
    """Judges images for ``screen``: those marked, or the one looked at."""

    def __init__(self, screen: ReviewScreen, desk: ReviewDesk) -> None:
        self._screen = screen
        self._desk = desk

    def judge(
        self, act: Callable[[list[int]], object], advance: Callable[[], bool] = lambda: False
    ) -> None:
        """Do ``act`` with what the user means.

        ``advance`` goes to the next image, if one is looked at alone; False where there is none.
        """
        targets = self._screen.views.targets
        if not targets:
            self._screen.tell(NO_IMAGE)
            return

        def done(_: object) -> None:
            alone = len(targets) == 1 and self._screen.views.current != "compare"
            if alone and advance():
                self._screen.views.gallery.refresh_rows(targets)  # the next image shows itself
                self._screen.count_soon()
            else:
                self._screen.changed(targets)

        title = f"Judging {counted(len(targets), 'image')}"
        self._do(title, lambda _: act(targets), done, targets, len(targets) > MANY_OPINIONS)

    def relabel(self, label: str, then: Callable[[], object]) -> None:
        """Move what the user means to another label; ``then`` is called where that was done."""
        targets = self._screen.views.targets

        def done(_: object) -> None:
            self._screen.changed(targets)
            then()

        self._do(
            f"Moving {counted(len(targets), 'image')} to {label}",
            lambda progress: self._desk.relabel(targets, label, progress),
            done,
            targets,
            len(targets) > MANY_FILES,
        )

    def undo(self) -> None:
        """Take the last step back.

        Raises:
            DatasetError: it cannot be read.
        """
        nothing = "there is nothing to undo"
        self._again(self._desk.next_undo(), self._desk.undo, "Undoing", "undone", nothing)

    def redo(self) -> None:
        """Do again what was undone.

        Raises:
            DatasetError: it cannot be read.
        """
        nothing = "there is nothing to do again"
        self._again(self._desk.next_redo(), self._desk.redo, "Doing again", "done again", nothing)

    def _again(
        self,
        step: Step | None,
        again: Callable[[ReportProgress], str],
        doing: str,
        done: str,
        nothing: str,
    ) -> None:
        """Do ``again``, which is about ``step``, and go where it can be seen."""
        if step is None:
            self._screen.tell(nothing)
            return
        records = step.records

        def show(title: str) -> None:
            seen = any(map(self._screen.views.gallery.move_to, records[:1]))
            self._screen.tell(f"{done}: {title}{'' if seen else ' (not among those shown)'}")
            self._screen.changed(records)

        many = len(step.moves) > MANY_FILES or len(step.changes) > MANY_OPINIONS
        self._do(f"{doing}: {step.title}", again, show, records, many)

    def _do(
        self,
        title: str,
        work: Callable[[ReportProgress], _Result],
        done: Callable[[_Result], object],
        records: Sequence[int],
        many: bool,
    ) -> None:
        """Do ``work``, which is about ``records``, before the next key is looked at.

        What takes longer is done in a thread, and the user sees ``title``.
        """

        def answered(outcome: _Result | XrayTuiError | None) -> None:
            if isinstance(outcome, XrayTuiError):
                self._screen.tell(str(outcome), error=True)
                self._screen.changed(records)
            elif outcome is not None:
                done(outcome)

        if many:
            self._screen.app.push_screen(WorkingScreen(title, work), answered)
            return
        try:
            outcome = work(no_progress)
        except XrayTuiError as error:
            answered(error)
        else:
            done(outcome)
