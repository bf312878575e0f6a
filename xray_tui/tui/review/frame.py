"""The review without its keys: its widgets, its parts, and the services these parts use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.css.query import NoMatches
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.repair.mending import WRITE_DECISIONS_SECONDS
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.generation.events import Event, ImageSaved, LogLevel
from xray_tui.text import clean
from xray_tui.tui.dialogs.outlets import ImageOutlets
from xray_tui.tui.error_toasts import is_loading, load_in_background
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.background_checks import BackgroundChecks
from xray_tui.tui.review.dialogs import ReviewDialogs
from xray_tui.tui.review.duplicates import DuplicateGroups
from xray_tui.tui.review.image_list import ImageList
from xray_tui.tui.review.judging import Judging
from xray_tui.tui.review.lone_host import LoneHost
from xray_tui.tui.review.place import ReviewPlace, place_in, return_to
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.review.stage import ReviewHost
from xray_tui.tui.review.status.line import Counts, ReviewState, ReviewStatus
from xray_tui.tui.review.status.pace import Pace
from xray_tui.tui.review.views import ReviewViews
from xray_tui.tui.session.memory import REMEMBER_SECONDS, Memory
from xray_tui.tui.widgets.key_footer import KeyFooter

_COUNT_DELAY = 0.3
"""Seconds after a decision until the decisions on all images are counted again."""
_FOREIGN_FILES_DELAY = 2.0
"""Seconds until foreign files are searched for: by then the first images are shown."""
LOOK_SECONDS = 2.0
"""Seconds between two looks for new images, if no engine reports them."""
_TOAST_SECONDS: dict[SeverityLevel, float] = {"information": 3, "warning": 6, "error": 8}
"""Warnings and errors name files, which takes longer to read."""

_Result = TypeVar("_Result")
_Loaded = TypeVar("_Loaded")


class ReviewFrame(Screen[ReviewPlace | None]):
    """Shows the images of a dataset to the reviewer at ``desk``.

    ``host`` is the workbench that opened the review, if there is one. The frame is the
    :class:`~xray_tui.tui.review.stage.ReviewStage` of its parts; its subclass adds the keys.
    """

    def __init__(
        self,
        desk: ReviewDesk,
        settings: Settings,
        host: ReviewHost | None = None,
        renderer: Renderer | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self._memory = memory or Memory()
        self._opened_at: tuple[str, int] | None = None
        self._place: ReviewPlace | None = None
        self._offered = (False, False)
        self._answering: set[str] = set()
        """The groups of loads that keys wait for."""
        self.desk = desk
        self.host: ReviewHost = host or LoneHost(self, desk, settings)
        self._renderer = renderer
        self._counts: Counts | None = None
        self._pace = Pace()
        self._auto_advance = self._memory.user.auto_advance
        self._count_timer: Timer | None = None
        self._checks = BackgroundChecks(self, desk, self._show_checks)
        self._outlets = ImageOutlets(self, settings.viewer, self._announce)
        self._judging = Judging(self, desk, settings.reject_reasons, self._pace)
        self.images = ImageList(self, desk, settings.reject_reasons)
        self._duplicates = DuplicateGroups(self, desk, self.images, self._checks.progress)
        self._dialogs = ReviewDialogs(
            self, desk, self.images, self._judging, settings.reject_reasons
        )

    def open_at(self, filter_text: str, record_id: int) -> None:
        """Show the images of a filter, at a record (0: the first); call it before the screen opens.

        The filter of the last time is not forgotten.
        """
        self._opened_at = filter_text, record_id

    def open_again(self, place: ReviewPlace | None) -> None:
        """Show the filter of the last time, at ``place``; call it before the screen opens."""
        self._place = place

    @property
    def place(self) -> ReviewPlace | None:
        """Where the reviewer is, or was when the review was left; None in a filter of a job."""
        with suppress(NoMatches):  # the screen is being removed
            if self._opened_at is None:
                self._place = place_in(self.views)
        return self._place

    def compose(self) -> ComposeResult:
        yield QueryLine()
        yield ReviewViews(self.desk, self._checks.look_again, self._renderer)
        yield ReviewStatus()
        yield KeyFooter()
        yield self._judging.reasons

    def on_mount(self) -> None:
        self._restore()
        self.images.update_vocabulary()
        self._checks.start()
        self.set_interval(REMEMBER_SECONDS, self.remember)
        self._judging.read_pace()
        self.set_interval(WRITE_DECISIONS_SECONDS, self._write_decisions)
        self.set_timer(_FOREIGN_FILES_DELAY, self._checks.look_for_foreign_files)
        if not self.host.has_form:  # otherwise the workbench's engine reports new images
            self.set_interval(LOOK_SECONDS, self.images.look_for_new)

    def on_unmount(self) -> None:
        self._checks.stop()

    def _restore(self) -> None:
        """Show what was shown the last time: the filter, and how the images are shown."""
        self.views.gallery.zoom = self._memory.user.zoom
        self.set_class(self._memory.user.details, "-details")
        text, record_id = self._opened_at or (self._memory.filter, 0)
        self.query_line.text = text
        if not self.images.filter(text):  # a saved filter that is gone
            self.query_line.text = ""
            self.images.filter("")
        place = None if self._opened_at else self._place
        if place is not None:
            self.images.reload(place.record_id, lambda: return_to(place, self.views))
        elif record_id:
            self.images.reload(record_id)

    def remember(self) -> None:
        """Note what has changed, for the next time."""
        with suppress(NoMatches):  # the screen is being removed
            if self._opened_at is None:
                self._memory.remember_filter(self.images.filter_text)
            self._memory.remember_for_user(
                zoom=self.views.gallery.zoom,
                auto_advance=self._auto_advance,
                details=self.has_class("-details"),
            )

    def reset_session(self) -> None:
        """Show the defaults; the memory was reset."""
        self._auto_advance = self._memory.user.auto_advance
        self._opened_at = self._place = None
        self._restore()

    def note_events(self, events: Sequence[Event]) -> None:
        """Count images that are generated during the review."""
        saved = sum(isinstance(event, ImageSaved) for event in events)
        if saved and self.is_mounted:
            self.images.add_unseen(saved)

    def _write_decisions(self) -> None:
        self.run_worker(self.desk.write_decisions, thread=True, group="decisions")

    def _show_checks(self) -> None:
        self.changed(self.images.matching)

    # ---- services for the parts of the review ----------------------------------------------------

    @property
    def views(self) -> ReviewViews:
        """Gallery, loupe and comparison."""
        return self.query_one(ReviewViews)

    @property
    def query_line(self) -> QueryLine:
        """The line a filter is typed into."""
        return self.query_one(QueryLine)

    def toast(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show the response to a key for a few seconds."""
        self.notify(
            clean(text, keep_newlines=True),
            severity=severity,
            markup=False,
            timeout=_TOAST_SECONDS[severity],
        )

    def _announce(self, level: LogLevel, text: str) -> None:
        self.toast(text, level if level in ("warning", "error") else "information")

    def ask(self, dialog: Screen[_Result], answered: Callable[[_Result | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result."""
        self.app.push_screen(dialog, answered)

    @property
    def is_reading(self) -> bool:
        """Whether keys wait for images or a dialog; text for the query line does not."""
        if not self.is_mounted:
            return True
        return not isinstance(self.focused, Input) and is_loading(self, self._answering)

    def load(
        self, load: Callable[[], _Loaded], show: Callable[[_Loaded], object], group: str
    ) -> None:
        """Call ``load`` in a thread and ``show`` with its result."""
        load_in_background(self, load, show, group)

    def answer(
        self, load: Callable[[], _Loaded], show: Callable[[_Loaded], object], group: str
    ) -> None:
        """As :meth:`load`; keys typed meanwhile wait."""
        self._answering.add(group)
        self.load(load, show, group)

    def from_thread(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call ``function`` in the UI thread, unless the review is closed. Thread-safe."""

        def call() -> None:
            if self.is_attached:
                function(*arguments)

        self.call_later(call)

    def changed(self, record_ids: Sequence[int]) -> None:
        """Show these records again, as the catalog has them now, and update the counts."""
        self.views.refresh_rows(record_ids)
        self.count_soon()

    def list_again(self, record_id: int) -> None:
        """Apply the filter again, then move to this record if the list has it."""
        self.images.reload(record_id)

    def count_soon(self) -> None:
        """Update the counts of decisions once no more keys are pressed."""
        if self._count_timer is not None:
            self._count_timer.stop()
        self._count_timer = self.set_timer(_COUNT_DELAY, self._count)

    def _count(self) -> None:
        if not self.host.has_form:
            self.images.look_for_new()
        index, newest = self.desk.index, self.images.newest  # without those that are not listed yet
        listed = None if self.images.shows_all else self.images.ids

        def count() -> Counts:
            progress = index.reviewer_progress(newest)
            here = None if listed is None else index.undecided_of(listed)
            return Counts(progress.accepted, progress.rejected, progress.left, here)

        self.load(count, self._show_counts, "count")

    def _show_counts(self, counts: Counts) -> None:
        self._counts = counts
        self.show_status()

    @property
    def clears_filter(self) -> bool:
        """Whether there is nothing to leave but the filter: no large view, marks or group."""
        if not self.images.filter_text or self.images.shows_group or not self.is_mounted:
            return False
        return self.views.current == "gallery" and not self.views.gallery.marked

    @on(ReviewViews.Moved)
    def show_status(self) -> None:
        """Bring the status line up to date, and the footer."""
        offered = self.clears_filter, self.images.is_empty
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
        gallery, shown = self.views.gallery, len(self.images.ids)
        self.query_one(ReviewStatus).show(
            ReviewState(
                place=gallery.cursor_index + 1 if shown else 0,
                shown=shown,
                marked=len(gallery.marked),
                hidden_marks=len(gallery.hidden_marks),
                counts=self._counts,
                seconds_per_image=self._pace.seconds,
                reviewer=self.desk.reviewer,
                query=self.images.filter_text,
                group=self._duplicates.text,
                judges_marked=self.views.current == "gallery",
                auto_advance=self._auto_advance,
                unseen=self.images.unseen,
            )
        )
