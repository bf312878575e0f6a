"""The review: a gallery, a loupe, a comparison, and the keys that judge what is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.index import OwnProgress
from xray_tui.dataset.review.targets import Label, Shortfall
from xray_tui.generation.events import Event, ImageSaved
from xray_tui.text import clean
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.error_toasts import load_in_background, toast_errors
from xray_tui.tui.keys_in_order import KeysInOrder
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.dialogs import ReviewDialogs
from xray_tui.tui.review.image_list import ReviewList
from xray_tui.tui.review.judging import ReviewActs
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.review.status_line import ReviewState, ReviewStatus
from xray_tui.tui.review.views import ReviewViews
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter

INTRODUCTION = (
    "Accept (p) and reject (x) what you see; the next image follows. Enter shows an image large, "
    "escape goes back. Mark several (v) and in the gallery a key goes for all of them; in loupe "
    "and comparison it goes for the image looked at. Everything is saved at once and can be undone "
    "(z), also tomorrow. / filters: try rating>=3 or is:undecided."
)
_FIRST_TO_GO = (
    "app.leave",
    "compare",
    "filter",
    "invert",
    "leave",
    "next_undecided",
    "undo",
)
"""Actions whose keys a narrow footer does without, the least needed first."""
_COUNT_AFTER = 0.3
"""Seconds after a decision until all images are counted again."""


class ReviewHost(Protocol):
    """Whatever can make images."""

    def drawable_labels(self) -> Collection[Label]:
        """Region and label of what it has prompts for."""

    def make_missing(self, shortfalls: Sequence[Shortfall]) -> None:
        """Queue images for what the targets miss, and tell of it."""


class ReviewScreen(KeysInOrder, Screen[None]):
    """Shows the images of a dataset to the reviewer at ``desk``.

    ``host`` is the workbench behind it, where there is one.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    AUTO_FOCUS = "Gallery"
    HELP_TITLE = "Review"
    HELP_INTRODUCTION = INTRODUCTION
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "decide('accepted')", "Accept", tooltip="keep the image in the dataset"),
        Binding("x", "decide('rejected')", "Reject", tooltip="a decision; the file stays"),
        Binding("u", "decide('undecided')", "Undecided", show=False, tooltip="take it back"),
        *(Binding(str(n), f"rate({n})", "★" * n or "No stars", show=False) for n in range(6)),
        Binding("z", "undo", "Undo", tooltip="any number of steps, also of earlier days"),
        Binding("Z", "redo", "Redo", show=False, tooltip="what was undone"),
        Binding("space", "next_undecided", "Next left", tooltip="the next undecided image"),
        Binding("a", "auto_advance", "Auto-advance", show=False, tooltip="after p and x, or not"),
        Binding(
            "question_mark", "help", "Help", key_display="?", tooltip="all keys"
        ),  # in sight at 80 columns, in the loupe too
        Binding("slash", "filter", "Filter", key_display="/", tooltip="what is shown, in order"),
        Binding("f2", "leave", "Back", tooltip="to the workbench, where images are made"),
        Binding("c", "compare", "Compare", tooltip="the marked ones, or this and the next"),
        Binding("T", "tag", "Tag", show=False, tooltip="add a tag, or take it away"),
        Binding("N", "note", "Note", show=False, tooltip="write a note"),
        Binding("R", "relabel", "Relabel", show=False, tooltip="move to another label's folder"),
        Binding("D", "duplicates", "Duplicates", show=False, tooltip="near duplicates, by group"),
        Binding("X", "keep_best", "Keep the best", show=False, tooltip="reject its duplicates"),
        Binding("n", "group(1)", "Next group", show=False, tooltip="of near duplicates"),
        Binding("b", "group(-1)", "Group before", show=False, tooltip="of near duplicates"),
        Binding("B", "blind", "Blind reading", show=False, tooltip="real or synthetic?"),
        Binding("S", "statistics", "Statistics", show=False, tooltip="what is done, and targets"),
        Binding("d", "details", "Details", show=False, tooltip="show or hide the panel"),
        Binding("f5", "reload", "Read again", show=False, tooltip="the list, as filtered"),
        Binding("left,h,up,k,pageup", "step(-1)", "Image before", show=False),
        Binding("right,l,down,j,pagedown", "step(1)", "Image after", show=False),
        Binding("t", "app.switch_theme", "Theme", show=False, tooltip="dark or light"),
        Binding("escape", "back", "Back", show=False, tooltip="to the gallery; drops the marks"),
        Binding("q,ctrl+q", "app.leave", "Quit", key_display="q", priority=False),
    ]

    def __init__(
        self, desk: ReviewDesk, host: ReviewHost | None = None, renderer: Renderer | None = None
    ) -> None:
        super().__init__()
        self.host = host
        self._renderer = renderer
        self._progress = OwnProgress(0, 0, 0)
        self._advance = True
        self._counting: Timer | None = None
        self._acts = ReviewActs(self, desk)
        self._dialogs = ReviewDialogs(self, desk, self._acts)
        self.desk = desk
        self.list = ReviewList(self, desk)

    def compose(self) -> ComposeResult:
        yield QueryLine()
        yield ReviewViews(self.desk, self.list.look_again, self._renderer)
        yield ReviewStatus()
        yield KeyFooter(_FIRST_TO_GO)

    def on_mount(self) -> None:
        self.list.open()

    def on_unmount(self) -> None:
        self.list.close()

    def note_events(self, events: Sequence[Event]) -> None:
        """Take note of images that were made while they are reviewed."""
        made = sum(isinstance(event, ImageSaved) for event in events)
        if made and self.is_mounted:
            self.list.note_new(made)

    # ---- what is shown ---------------------------------------------------------------------------

    @property
    def views(self) -> ReviewViews:
        """The images, one way or another."""
        return self.query_one(ReviewViews)

    @on(ReviewViews.Moved)
    def show_status(self) -> None:
        """Bring the line below the images up to date."""
        shown = len(self.list.ids)
        self.query_one(ReviewStatus).show(
            ReviewState(
                place=self.views.gallery.cursor_index + 1 if shown else 0,
                shown=shown,
                marked=len(self.views.gallery.marked),
                accepted=self._progress.accepted,
                rejected=self._progress.rejected,
                left=self._progress.left,
                reviewer=self.desk.reviewer,
                query=self.list.line,
                group=self.list.group_text,
                judges_marked=self.views.current == "gallery",
                auto_advance=self._advance,
                unseen=self.list.unseen,
            )
        )

    def count_soon(self) -> None:
        """Count what is done, once the keys pause."""
        if self._counting is not None:
            self._counting.stop()
        self._counting = self.set_timer(_COUNT_AFTER, self._count)

    def _count(self) -> None:
        load_in_background(self, self.desk.index.own_progress, self._show_progress, "count")

    def _show_progress(self, progress: OwnProgress) -> None:
        self._progress = progress
        self.show_status()

    def tell(self, text: str, *, error: bool = False) -> None:
        """A toast: the answer to a key."""
        self.notify(
            clean(text, keep_newlines=True),
            severity="error" if error else "information",
            markup=False,
            timeout=8 if error else 3,  # an error names files, and is longer to read
        )

    # ---- judging ---------------------------------------------------------------------------------

    def changed(self, record_ids: Sequence[int]) -> None:
        """Show what is new about these records."""
        self.views.refresh_rows(record_ids)
        self.count_soon()

    def action_decide(self, decision: Decision) -> None:
        """Accept, reject, or take that back."""

        def advance() -> bool:
            return self._advance and decision != "undecided" and self.views.gallery.go(1)

        self._acts.judge(lambda ids: self.desk.set_decision(ids, decision), advance)

    def action_rate(self, stars: int) -> None:
        """Give stars, or none."""
        self._acts.judge(lambda ids: self.desk.set_rating(ids, stars))

    @toast_errors
    def action_undo(self) -> None:
        """Take the last step back."""
        self._acts.undo()

    @toast_errors
    def action_redo(self) -> None:
        """Do again what was undone."""
        self._acts.redo()

    @toast_errors
    def action_tag(self) -> None:
        """Add a tag, or take it away."""
        self._dialogs.tag()

    @toast_errors
    def action_note(self) -> None:
        """Write a note."""
        self._dialogs.note()

    @toast_errors
    def action_relabel(self) -> None:
        """Move the images to another label's folder."""
        self._dialogs.relabel()

    # ---- moving ----------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """The image before or after, in the loupe."""
        self.views.gallery.go(step)

    @toast_errors
    def action_next_undecided(self) -> None:
        """The next image that is still undecided, from here on and then from the start."""
        found = self.list.next_undecided(self.views.gallery.cursor_index)
        if found is None:
            self.tell("nothing of what is shown is undecided")
        elif found == self.views.gallery.cursor_id:
            self.tell("no other image of those shown is undecided")
        else:
            self.views.gallery.move_to(found)

    def action_auto_advance(self) -> None:
        """Go to the next image after a decision, or stay."""
        self._advance = not self._advance
        self.show_status()

    def action_back(self) -> None:
        """To the gallery; there it drops the marks, then leaves the group of duplicates."""
        if self.views.current != "gallery":
            self.views.change_to("gallery")
        elif self.views.gallery.marked:
            self.views.gallery.clear_marks()
        else:
            self.list.leave_groups()

    def action_focus_images(self) -> None:
        """Give the keys back to what is looked at."""
        self.views.focus_current()

    def action_compare(self) -> None:
        """Images side by side: those marked, or this and the next; four, if the key comes again."""
        if not self.views.toggle_compare():
            self.tell("there is nothing to compare it with: mark two to four images with v")

    # ---- the list --------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Choose what is shown."""
        self.query_one(QueryLine).focus()

    @on(QueryLine.Changed)
    def _filter(self, message: QueryLine.Changed) -> None:
        self.list.filter(message.text)

    @on(QueryLine.Submitted)
    def _filter_and_leave(self, message: QueryLine.Submitted) -> None:
        if self.list.filter(message.text):
            self.views.focus_current()

    @on(QueryLine.Closed)
    def _leave_filter(self) -> None:
        line = self.query_one(QueryLine)
        if line.text.strip() != self.list.line:  # a wrong one: what is shown is of the one before
            line.text = self.list.line
            line.show_error("")
        self.views.focus_current()

    @on(QueryLine.SaveRequested)
    def _save_filter(self, message: QueryLine.SaveRequested) -> None:
        self._dialogs.save_filter(message.text)

    @on(QueryLine.ForgetRequested)
    @toast_errors
    def _forget_filter(self, message: QueryLine.ForgetRequested) -> None:
        self.list.forget_filter(message.text)

    def action_reload(self) -> None:
        """Find again what matches: images that were made meanwhile, too."""
        self.list.reload()

    def action_duplicates(self) -> None:
        """Show the near duplicates, group by group."""
        self.list.look_for_groups()

    def action_group(self, step: int) -> None:
        """The next group of near duplicates, or the one before."""
        self.list.go_to_group(step)

    @toast_errors
    def action_keep_best(self) -> None:
        """Reject all of the group but the best."""
        self.list.keep_best()

    # ---- elsewhere -------------------------------------------------------------------------------

    def action_details(self) -> None:
        """Show or hide what there is to tell of an image."""
        self.toggle_class("-details")
        self.call_after_refresh(self.views.show_details)

    def action_blind(self) -> None:
        """Read images without knowing what they are."""
        self._dialogs.blind()

    def action_statistics(self) -> None:
        """How far the review has come, and the targets."""
        self._dialogs.statistics()

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen(self))

    def action_leave(self) -> None:
        """Back to the workbench."""
        self.dismiss()

    @property
    def absent_actions(self) -> Collection[str]:
        """Without a workbench there is no way back to it."""
        return () if self.host is not None else ("leave",)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What there is none of has no key."""
        return action not in self.absent_actions
