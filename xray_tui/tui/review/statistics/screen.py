"""Statistics: progress of each label, speed of the reviewer, images that targets still need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList, Static

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import Shortfall, shortfall
from xray_tui.dataset.review.summary import ReviewSummary
from xray_tui.dataset.review.target_edits import TargetEdits
from xray_tui.dataset.review.targets import Label, target_of
from xray_tui.errors import DatasetError
from xray_tui.text import clean, step_text
from xray_tui.tui.bindings import bound
from xray_tui.tui.dialogs.entry import EntryScreen, Report
from xray_tui.tui.error_toasts import toast_errors
from xray_tui.tui.review.statistics.progress_bars import ProgressBars
from xray_tui.tui.review.statistics.summary import SummaryPanel
from xray_tui.tui.review.statistics.text import (
    label_text,
    nothing_queued_text,
    pace_text,
    targets_text,
)
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter

_HINT = "Number of accepted images that this label needs. Leave empty for no target."
_HINT_OF_SEVERAL = "Number of accepted images that each label needs. Leave empty for no target."
_HINT_IF_DIFFERENT = "They have different targets. Type a number for each, or none."


class StatisticsScreen(Screen[tuple[Shortfall, ...] | None]):
    """Shows ``progress``, and lets the user set targets, which are saved at once.

    Returns the labels to generate images for, if the user asks for that; otherwise None.
    ``drawable`` are the labels in the prompt library, listed even if they
    have no images. ``coming`` are the numbers of images queued already.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (160, "-huge")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-tall")]  # noqa: RUF012
    HELP_TITLE = "Statistics"
    MANUAL_PAGE = "review#targets"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("generate", "generate", "Generate", tooltip="queue the images that targets need"),
        bound("undo", "undo", "Undo", tooltip="the last change of targets"),
        bound("redo", "redo", "Redo", tooltip="the change undone last"),
        bound("leave", "leave", "Close", tooltip="removes the marks first"),
        bound("quit", "dismiss(None)", "Close", show=False),
        bound("statistics", "dismiss(None)", "Close", show=False),
    ]

    def __init__(
        self,
        progress: Sequence[LabelProgress],
        seconds_per_image: float | None,
        targets: TargetEdits,
        summary: ReviewSummary,
        *,
        drawable: Iterable[Label],
        coming: Mapping[Label, int],
    ) -> None:
        super().__init__()
        self._progress = progress
        self._seconds_per_image = seconds_per_image
        self._targets = targets
        self._summary = summary
        self._coming = coming
        self._drawable = frozenset(drawable)
        self._wanted: dict[Label, int] = {}
        self._readable = True
        """Whether the file of the targets could be read."""
        self._shortfalls: list[Shortfall] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="statistics") as box:
            box.border_title = "Statistics"
            yield Static(id="pace", markup=False)
            yield Static(id="targets", markup=False)
            with Horizontal():
                yield ProgressBars()
                if self._summary.reviewers:
                    yield SummaryPanel(self._summary)
            yield Static(id="label", markup=False)
            yield Static(id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        pace = pace_text(self._progress, self._seconds_per_image)
        self.query_one("#pace", Static).update(Content(pace))
        self._show()
        self.query_one(OptionList).focus()

    # -- keys --------------------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Close the screen, to queue the images that the targets need."""
        found = tuple(one for one in self._shortfalls if one.to_queue)
        if any((one.region, one.label) in self._drawable for one in found):
            self.dismiss(found)
        elif found:
            self._show_message(
                "Nothing queued: the library has no prompt for labels that need more images."
            )
        elif self._readable:
            self._show_message(nothing_queued_text(self._wanted, self._shortfalls))

    def action_leave(self) -> None:
        """Remove the marks; without marks, close the screen."""
        if not self._bars.action_unmark():
            self.dismiss(None)

    @toast_errors
    def action_undo(self) -> None:
        """Undo the last change of targets."""
        self._step(self._targets.undo(), undo=True)

    @toast_errors
    def action_redo(self) -> None:
        """Redo the change of targets that was undone last."""
        self._step(self._targets.redo(), undo=False)

    def _step(self, title: str, *, undo: bool) -> None:
        self._show()
        self._show_message(step_text(title, undo=undo))

    @on(ProgressBars.TargetRequested)
    def _ask_target(self, event: ProgressBars.TargetRequested) -> None:
        now = {self._wanted.get(label) for label in event.labels}
        differ = len(now) > 1

        def problem(text: str) -> str:
            if differ and not text.strip():  # enter alone must not remove all of them
                return "type a number, or none"
            return _problem(text)

        def save(text: str, report: Report) -> None:
            try:
                self._targets.set(event.labels, target_of(text))
            except DatasetError as error:
                report(str(error))
            else:
                self._bars.action_unmark()
                self._show()
                report("")

        text = "" if differ else str(next(iter(now)) or "")
        same = _HINT if len(event.labels) == 1 else _HINT_OF_SEVERAL
        hint = _HINT_IF_DIFFERENT if differ else same
        self.app.push_screen(
            EntryScreen(f"Target: {event.name}", hint, problem, text=text, save=save)
        )

    @on(ProgressBars.Moved)
    def _show_label(self) -> None:
        label = self._bars.highlighted
        text = ""
        if label is not None:
            text = label_text(
                self._rows[label],
                self._wanted.get(label),
                next((one for one in self._shortfalls if (one.region, one.label) == label), None),
                has_prompt=label in self._drawable,
            )
        else:
            labels, name = self._bars.selected
            text = f"{name}\nenter sets one target for each" if labels else ""
        self.query_one("#label", Static).update(Content(clean(text, keep_newlines=True)))

    # -- internals ---------------------------------------------------------------------------------

    @property
    def _bars(self) -> ProgressBars:
        return self.query_one(ProgressBars)

    @property
    def _rows(self) -> dict[Label, LabelProgress]:
        """The labels shown: those with images, with a target, or with a prompt."""
        rows = {
            label: LabelProgress(*label, 0, 0, 0, 0) for label in (*self._wanted, *self._drawable)
        }
        return rows | {(one.region, one.label): one for one in self._progress}

    @property
    def idle_actions(self) -> frozenset[str]:
        """Undo and redo, while there is no change of targets to undo or to redo."""
        return self._targets.idle

    def _show(self) -> None:
        """Read the targets, which may have been edited in the meantime, and show them."""
        self._show_message("")
        self.refresh_bindings()
        try:
            self._wanted, self._readable = self._targets.read(), True
        except DatasetError as error:
            self._wanted, self._readable = {}, False
            self._show_message(str(error), wrong=True)
        self._shortfalls = shortfall(self._progress, self._wanted, self._coming)
        rows = self._rows
        summary = targets_text(self._wanted, self._shortfalls, self._drawable)
        line = self.query_one("#targets", Static)
        line.update(Content(summary if rows and self._readable else ""))
        self._bars.show(rows.values(), self._wanted)
        self._show_label()

    def _show_message(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#problem", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(clean(text, keep_newlines=True)))
        line.display = bool(text)


def _problem(text: str) -> str:
    """Why ``text`` is not a target; empty if it is one."""
    try:
        target_of(text)
    except ValueError as error:
        return f"a target {error}"
    return ""
